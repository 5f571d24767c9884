/** `flowloom plan FILE` where no Flowloom runs: the hosts that the file dials are read, and bridges whose sockets are here. */

import type { HostChanges, NetworkPlan, SwitchChanges } from '../api/network-plan.ts';
import { type AppHost, createAppHost } from '../app/host.ts';
import { rehearse } from '../app/rehearse.ts';
import { appPorts } from '../app/switch-site.ts';
import type { Config, Host } from '../config/model.ts';
import { namespaceOf } from '../flow/namespace.ts';
import { readSwitch } from '../flow/reconcile/read-switch.ts';
import { controllerTarget } from '../ovsdb/manager/controller-target.ts';
import { desiredHost } from '../ovsdb/manager/desired.ts';
import { type HostPlan, planDesired, unknownHost } from '../ovsdb/manager/host-plan.ts';
import { type HostView, viewHost } from '../ovsdb/manager/host-view.ts';
import { resolvePorts, selectPorts } from '../ovsdb/manager/port-selection.ts';
import { readHost } from '../ovsdb/manager/read-host.ts';
import { requestApps } from './load-apps.ts';
import { lostFlows, openManagement } from './lost-flows.ts';
import { emptySwitch, flowBridges, isLeftAlone, newSwitch, tellFailed } from './plan.ts';
import { plannedPorts } from './plan-ports.ts';
import { changesOf } from './plan-switch.ts';

/** Where `flowloom run` listens for switches unless it is told otherwise. */
const OPENFLOW_PORT = 6653;

interface HostRead {
  host: Host;
  plan: HostPlan;
  view: HostView | undefined;
}

export async function planWithoutController(config: Config): Promise<NetworkPlan> {
  const plan: NetworkPlan = {
    file: config.file,
    problems: [],
    warnings: [],
    unknown: [],
    notes: [`controllers are foreseen as of "flowloom run" on this machine, on port ${OPENFLOW_PORT}`],
    hosts: [],
    switches: [],
  };
  const apps = createAppHost({ namespace: namespaceOf(config.owner) });
  const { requests, problems } = await requestApps(config, []);
  if (problems.length === 0) problems.push(...apps.load(requests));
  plan.problems.push(...problems);
  if (problems.length > 0) return plan;

  const reads = await Promise.all(config.hosts.map((host) => read(config, host)));
  for (const one of reads) {
    plan.hosts.push(await toldHost(one));
    if (one.plan.state === 'unknown') plan.unknown.push(`${one.host.name}: ${one.plan.note}`);
  }
  const faces = reads.flatMap(({ host, view }) => (view === undefined ? [] : [[host.name, view.interfaces] as const]));
  const network = resolvePorts(config, new Map(faces));
  const unread: string[] = [];
  for (const at of flowBridges(config)) {
    const one = reads.find(({ host }) => host.name === at.host);
    if (one?.view === undefined) continue;
    const seen = one.view.bridges.find(({ name }) => name === at.bridge);
    if (isLeftAlone(config, at.bridge, seen)) continue;
    const told = await planBridge(apps, network, one, at, plan);
    if (told === undefined) unread.push(`${at.host}/${at.bridge}`);
    else plan.switches.push(told);
  }
  if (unread.length > 0) plan.notes.push(`flows are not compared without a Flowloom that runs: ${unread.join(', ')}`);
  return plan;
}

async function read(config: Config, host: Host): Promise<HostRead> {
  if (host.ovsdb === undefined) {
    const note = 'it dials in, so only a Flowloom that runs can read its database';
    return { host, plan: unknownHost(host.name, note), view: undefined };
  }
  try {
    const { snapshot, missing, localAddress } = await readHost(host.ovsdb, config.tls);
    const desired = desiredHost(config, host.name, {
      controllerTarget: controllerTarget(host, localAddress, OPENFLOW_PORT),
    });
    const view = viewHost(snapshot, config.owner);
    const plan = planDesired(host.name, snapshot, desired, missing);
    const { refused } = selectPorts(config, host.name, view.interfaces);
    return { host, plan: { ...plan, refused: [...plan.refused, ...refused] }, view };
  } catch (error) {
    return { host, plan: unknownHost(host.name, (error as Error).message), view: undefined };
  }
}

async function toldHost({ host, plan }: HostRead): Promise<HostChanges> {
  const { state, changes, refused, note = null } = plan;
  const flushes = await Promise.all(plan.flushes.map((flush) => lostFlows(host, flush, undefined)));
  return { name: host.name, state, changes, refused, flushes, note };
}

/** undefined: its flows can't be read from here. */
async function planBridge(
  apps: AppHost,
  network: Config,
  { host, plan: hostPlan, view }: HostRead,
  at: { host: string; bridge: string },
  plan: NetworkPlan,
): Promise<SwitchChanges | undefined> {
  const interfaces = view?.interfaces.filter(({ bridge }) => bridge === at.bridge) ?? [];
  const exists = view?.bridges.some(({ name }) => name === at.bridge) === true;
  const isEmptied = hostPlan.flushes.some(({ bridge }) => bridge === at.bridge);
  if (!exists || isEmptied) return newSwitch(apps, apps.copy(), at, interfaces, network, plan);
  const datapath = await openManagement(host.ovsdb, at.bridge).catch(() => undefined);
  if (datapath === undefined) return undefined;
  try {
    const actual = await readSwitch(datapath.connection, apps.namespace);
    const name = `${at.host}/${at.bridge}`;
    const existing = new Set(interfaces.map((each) => each.name));
    const { ports, invented } = plannedPorts(at, appPorts(datapath), existing, undefined, network);
    const rehearsal = rehearse(apps.copy(), { dpid: datapath.dpid, name, ...at, ports, flows: actual.flows }, network);
    const changes = changesOf({
      running: apps,
      planned: apps,
      rehearsal,
      actual,
      site: undefined,
      invented,
    });
    tellFailed(plan, name, rehearsal.failed);
    return { ...emptySwitch(datapath.dpid, name, 'current'), ...changes };
  } catch {
    return undefined;
  } finally {
    datapath.connection.close('it was only looked at');
  }
}
