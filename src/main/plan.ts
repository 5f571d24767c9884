/** `/api/v1/plan`: what a file would change in the running network. Reads, compares, and throws everything away. */

import { dirname, isAbsolute, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { apiError } from '../api/errors.ts';
import type { HostChanges, NetworkPlan, PlanRequest, PlanSource, SwitchChanges } from '../api/network-plan.ts';
import type { AppHost } from '../app/host.ts';
import { rehearse } from '../app/rehearse.ts';
import { parseConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import type { Problem } from '../config/problem.ts';
import { readSwitch } from '../flow/reconcile/read-switch.ts';
import type { BridgeView, InterfaceView } from '../ovsdb/manager/host-view.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import type { AppCode } from './app-code.ts';
import { requestApps } from './load-apps.ts';
import { lostFlows } from './lost-flows.ts';
import { otherOwner } from './other-owner.ts';
import { type PlannedPorts, plannedPorts, portsOfNewBridge } from './plan-ports.ts';
import { changesOf } from './plan-switch.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';

export interface PlannerParts {
  host: AppHost;
  switches: Switches;
  hosts(): HostManager | undefined;
  /** The file in force. */
  config(): Config | undefined;
  /** Why the file as it is now can't be used; null: it is the one in force. */
  fileError(): string | null;
  code: AppCode;
  /** What `--app` named. */
  appPaths: string[];
}

/** The file that is asked about, its apps loaded in a copy of the host. */
interface Candidate {
  config: Config | undefined;
  /** As the apps see it: with the ports that it selects now. */
  network: Config | undefined;
  planned: AppHost;
  isInForce: boolean;
}

/** Plans are made one after the other; more than this many waiting are refused. */
const MOST_WAITING = 4;

export function createPlanner(parts: PlannerParts): PlanSource {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async plan(request) {
      if (waiting >= MOST_WAITING) throw apiError(503, 'busy', `${waiting} plans are being made`, 'ask again soon');
      waiting++;
      const turn = last.then(() => makePlan(parts, request));
      last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        waiting--;
      }
    },
  };
}

/** Large files and switches take long: between the steps (`setImmediate`) the network has its turn. */
async function makePlan(parts: PlannerParts, request: PlanRequest | undefined): Promise<NetworkPlan> {
  const inForce = parts.config();
  const plan: NetworkPlan = {
    file: request?.file ?? inForce?.file ?? null,
    problems: [],
    warnings: [],
    unknown: [],
    notes: [],
    hosts: [],
    switches: [],
  };
  const error = parts.fileError();
  if (request === undefined && error !== null)
    plan.notes.push(`the file as it is now can't be used, an earlier one is in force: ${error}`);
  const candidate =
    request === undefined
      ? { config: inForce, network: networkOf(parts, inForce), planned: parts.host.copy(), isInForce: true }
      : await readCandidate(parts, request, plan);
  if (candidate === undefined) return plan;
  await planHosts(parts, candidate, plan);
  for (const entry of parts.switches.connected.values()) await planConnected(parts, candidate, entry, plan);
  planMissing(parts, candidate, plan);
  return plan;
}

/** undefined: the plan tells its problems. */
async function readCandidate(
  parts: PlannerParts,
  request: PlanRequest,
  plan: NetworkPlan,
): Promise<Candidate | undefined> {
  const loaded = parseConfig(request.text, request.file);
  plan.warnings.push(...loaded.warnings);
  if (!loaded.ok) {
    plan.problems.push(...loaded.problems);
    return undefined;
  }
  await setImmediate();
  const { config } = loaded;
  const folder = folderOf(parts, request);
  const planned = parts.host.copy();
  // Code is never loaded because somebody asks over HTTP.
  const { requests, problems } = await requestApps(config, parts.appPaths, async (name) => {
    const known = parts.code.known(name, folder);
    if (known === undefined) {
      plan.unknown.push(
        `app ${name} does not run in this Flowloom, and no code is loaded for a plan: its flows can't be foreseen`,
      );
    } else if (known.changed) {
      plan.notes.push(`app ${name} has changed since it was loaded; foreseen are the flows of the code that runs`);
    }
    return known?.app;
  });
  problems.push(...otherOwner(parts.host.namespace, config));
  const wrong: Problem[] = [...problems, ...(problems.length === 0 ? planned.load(requests) : [])];
  plan.problems.push(...wrong);
  if (wrong.length > 0) return undefined;
  noteMtus(parts.config(), config, plan);
  return { config, network: networkOf(parts, config), planned, isInForce: false };
}

function networkOf({ hosts }: PlannerParts, config: Config | undefined): Config | undefined {
  return config === undefined ? undefined : (hosts()?.network(config) ?? config);
}

/** The MTU that a segment's tunnels leave is known when they stand; `mtu_request` of ports of ours follows then. */
function noteMtus(before: Config | undefined, after: Config, plan: NetworkPlan): void {
  const overlays = (config: Config | undefined) =>
    new Map(config?.segments.map(({ name, overlay }) => [name, overlay && JSON.stringify(overlay)]));
  const known = overlays(before);
  const names = [...overlays(after)].filter(([name, overlay]) => overlay !== undefined && overlay !== known.get(name));
  if (names.length === 0) return;
  plan.notes.push(
    `the MTU of ports on ${names.map(([name]) => name).join(', ')} follows when its tunnels stand; what is said of it here rests on what the hosts tell now`,
  );
}

function folderOf({ config }: PlannerParts, { file, folder }: PlanRequest): string {
  if (folder !== undefined) return folder;
  return isAbsolute(file) ? dirname(file) : resolve(dirname(config()?.file ?? '.'));
}

async function planHosts(parts: PlannerParts, { config, isInForce }: Candidate, plan: NetworkPlan): Promise<void> {
  const hosts = parts.hosts();
  if (config === undefined) return;
  if (hosts === undefined) {
    for (const { name } of config.hosts) {
      const note = 'this Flowloom runs without a file and manages no hosts';
      plan.hosts.push({ name, state: 'unknown', changes: [], refused: [], flushes: [], note });
      plan.unknown.push(`${name}: ${note}`);
    }
    return;
  }
  for (const { host, state, changes, refused, flushes, note = null } of hosts.plan(config)) {
    const described = config.hosts.find(({ name }) => name === host);
    const told: HostChanges = { name: host, state, changes, refused, flushes: [], note };
    for (const flush of flushes) {
      told.flushes.push(await lostFlows(described, flush, connectionOf(parts, `${host}/${flush.bridge}`)));
    }
    plan.hosts.push(told);
    const isLeft = hosts.status().some(({ name, drift }) => name === host && drift.left.length > 0);
    if (isInForce && isLeft)
      plan.notes.push(`${host}: somebody changed it, and it is left so until a file is read (drift: report)`);
    if (state === 'unknown') plan.unknown.push(`${host}: ${note ?? 'its database could not be read'}`);
  }
  for (const { name } of parts.config()?.hosts ?? []) {
    if (config.hosts.every((host) => host.name !== name))
      plan.notes.push(`${name} is no longer in the file; what was configured there stays`);
  }
}

function connectionOf({ switches }: PlannerParts, name: string) {
  return [...switches.connected.values()].find(({ site }) => site.name() === name)?.site.datapath.connection;
}

async function planConnected(
  parts: PlannerParts,
  candidate: Candidate,
  { site }: ConnectedSwitch,
  plan: NetworkPlan,
): Promise<void> {
  const { config, network, planned, isInForce } = candidate;
  const [host, bridge] = [site.host(), site.bridge()];
  const told = emptySwitch(site.dpid, site.name(), 'current');
  if (config !== undefined && (host === undefined || bridge === undefined)) {
    // With a file in force such a switch is left alone.
    if (parts.config() === undefined)
      plan.unknown.push(`switch ${site.dpid}: which bridge of ${config.file} it is, is not known here`);
    return;
  }
  if (config?.hosts.every(({ name }) => name !== host)) return;
  plan.switches.push(told);
  try {
    await site.reconciler.settled();
    const actual = await readSwitch(site.datapath.connection, planned.namespace);
    const at = { host: host ?? '', bridge: bridge ?? '' };
    const { ports, invented }: PlannedPorts =
      config === undefined || isInForce
        ? { ports: site.ports, invented: new Map() }
        : plannedPorts(at, site.ports, interfacesOf(parts, at), parts.config(), config);
    await setImmediate();
    const shadow = { dpid: site.dpid, name: site.name(), host, bridge, ports, flows: actual.flows };
    const rehearsal = rehearse(planned, shadow, network);
    await setImmediate();
    Object.assign(
      told,
      changesOf({
        running: parts.host,
        planned,
        rehearsal,
        actual,
        site,
        invented,
      }),
    );
    tellFailed(plan, told.name, rehearsal.failed);
  } catch (error) {
    told.state = 'unknown';
    told.note = `it could not be read: ${(error as Error).message}`;
    plan.unknown.push(`${told.name}: ${told.note}`);
  }
}

export function tellFailed(plan: NetworkPlan, name: string, failed: ReadonlyMap<string, string>): void {
  for (const [app, error] of failed)
    plan.unknown.push(`${name}: app ${app} failed, its flows can't be foreseen: ${error}`);
}

/** Bridges that the file has and that are no connected switch: they are still to be made, or can't be asked. */
function planMissing(parts: PlannerParts, { config, network, planned }: Candidate, plan: NetworkPlan): void {
  for (const { host, bridge } of flowBridges(config)) {
    const name = `${host}/${bridge}`;
    const hostPlan = plan.hosts.find((each) => each.name === host);
    if (plan.switches.some((each) => each.name === name) || hostPlan?.state !== 'current') continue;
    const known = parts
      .hosts()
      ?.hosts()
      .find((each) => each.name === host);
    const seen = known?.bridges.find((each) => each.name === bridge);
    if (isLeftAlone(config, bridge, seen)) continue;
    const isTaken = hostPlan.flushes.some((each) => each.bridge === bridge);
    if (!isTaken && seen !== undefined) {
      const told = { ...emptySwitch('', name, 'unknown'), note: 'it is not connected, so its flows could not be read' };
      plan.switches.push(told);
      plan.unknown.push(`${name}: ${told.note}`);
      continue;
    }
    if (network === undefined) continue;
    const interfaces = known?.interfaces.filter((each) => each.bridge === bridge) ?? [];
    const told = newSwitch(parts.host, planned, { host, bridge }, interfaces, network, plan);
    if (isTaken) told.note = 'the bridge is there and gets its first controller; its flows come when it connects';
    plan.switches.push(told);
  }
}

export function flowBridges(config: Config | undefined): { host: string; bridge: string }[] {
  return (config?.bridges ?? [])
    .filter(({ forwarding }) => forwarding === 'flows')
    .flatMap(({ name, hosts }) => hosts.map((host) => ({ host, bridge: name })));
}

/** A bridge of somebody else that the file does not take over: that it is refused is told of its host. */
export function isLeftAlone(
  config: Config | undefined,
  bridge: string,
  seen: Pick<BridgeView, 'owned'> | undefined,
): boolean {
  const adopts = config?.bridges.some(({ name, adopt }) => name === bridge && adopt) === true;
  return seen !== undefined && !seen.owned && !adopts;
}

/** A bridge that is still to be made: all that the apps declare for it is new. */
export function newSwitch(
  running: AppHost,
  planned: AppHost,
  at: { host: string; bridge: string },
  interfaces: Pick<InterfaceView, 'name' | 'ofport' | 'mac' | 'link'>[],
  network: Config,
  plan: NetworkPlan,
): SwitchChanges {
  const told = emptySwitch('', `${at.host}/${at.bridge}`, 'new');
  const { ports, invented } = portsOfNewBridge(at, interfaces, network);
  const shadow = { dpid: '0'.repeat(16), name: told.name, ...at, ports, flows: new Map() };
  const rehearsal = rehearse(planned, shadow, network);
  const actual = { flows: new Map(), groups: new Map(), meters: new Map() };
  Object.assign(told, changesOf({ running, planned, rehearsal, actual, site: undefined, invented }));
  told.note = 'the bridge is still to be made; its flows come when it connects';
  tellFailed(plan, told.name, rehearsal.failed);
  return told;
}

function interfacesOf(parts: PlannerParts, at: { host: string; bridge: string }): Set<string> {
  const known = parts
    .hosts()
    ?.hosts()
    .find(({ name }) => name === at.host);
  return new Set(known?.interfaces.filter(({ bridge }) => bridge === at.bridge).map(({ name }) => name));
}

export function emptySwitch(dpid: string, name: string, state: SwitchChanges['state']): SwitchChanges {
  return { dpid, name, state, flows: [], groups: [], meters: [], unchanged: 0, refused: [], note: null };
}
