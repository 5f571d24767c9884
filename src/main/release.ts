/** Takes everything of ours away and nothing else: first out of the switches, then out of the hosts' databases. */

import { setTimeout } from 'node:timers/promises';
import { apiError } from '../api/errors.ts';
import type { ReleasedSwitch, ReleaseReport, ReleaseRequest } from '../api/release.ts';
import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import { faultPoint } from '../fault-point.ts';
import { appOf, WEAVER } from '../flow/cookie.ts';
import type { Namespace } from '../flow/namespace.ts';
import { type Contents, isEmpty, readContents, type SwitchContents } from '../flow/reconcile/contents.ts';
import { releaseSwitch } from '../flow/reconcile/release.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import type { BridgeSurvey, Release } from '../ovsdb/manager/plan-release.ts';
import { counted } from '../text/counted.ts';
import { counts, keepOthers, type Losing, putBackInto, unfinished } from './give-back.ts';
import { openManagement } from './lost-flows.ts';
import type { Switches } from './switches.ts';

export interface ReleaseParts {
  host: AppHost;
  switches: Switches;
  hosts(): HostManager | undefined;
  /** Ends all that sends something by itself. */
  halt(): void;
}

/** A switch, and the bridge of a host that it is, as far as both are known. */
interface Place {
  name: string;
  hostName: string | undefined;
  /** Where its database is, for the bridge's own socket beside it. */
  ovsdb: string | undefined;
  bridge: BridgeSurvey | undefined;
  /** Where it is connected. */
  site: SwitchSite | undefined;
  /** Its own socket is on this machine. */
  isHere: boolean;
  contents: SwitchContents | undefined;
}

/** How long hosts may take to do it. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 50;

export interface Releaser {
  survey(request: ReleaseRequest): Promise<ReleaseReport>;
  run(request: ReleaseRequest): Promise<ReleaseReport>;
}

export function createReleaser(parts: ReleaseParts): Releaser {
  let running = false;
  return {
    survey: async (request) => report(parts, await findPlaces(parts), request),
    async run(request) {
      if (running) throw apiError(409, 'ending', 'this Flowloom is being released already');
      running = true;
      try {
        const { unreachable } = report(parts, await findPlaces(parts), request);
        if (unreachable.length > 0 && request.anyway !== true) {
          const hint = 'bring it back, or say "--anyway" and what is there stays';
          throw apiError(409, 'unreachable', unreachable.join('; '), hint);
        }
      } catch (error) {
        running = false;
        throw error;
      }
      return takeAway(parts, request);
    },
  };
}

/** There is no way back from here: what goes wrong is told among what is left. */
async function takeAway(parts: ReleaseParts, request: ReleaseRequest): Promise<ReleaseReport> {
  const { namespace } = parts.host;
  parts.halt();
  const found = await findPlaces(parts);
  const told = report(parts, found, request);
  const left: string[] = [];
  for (const place of found) left.push(...(await emptySwitch(namespace, place)));
  faultPoint('release: switches emptied');
  // Nothing of ours is in them any more, and nothing is sent: what is there is others'.
  const places = await findPlaces(parts);
  const losing = places.flatMap((place) => losingHere(place) ?? []);
  for (const each of losing) keepOthers(namespace, each);
  await releaseHosts(parts, places, request, left);
  faultPoint('release: hosts released');
  for (const place of places) left.push(...(await giveBack(namespace, place, request)));
  for (const each of unfinished(namespace, parts.hosts())) left.push(...(await putBackInto(namespace, each)));
  return { ...told, done: true, left };
}

async function findPlaces({ host: { namespace }, switches, hosts }: ReleaseParts): Promise<Place[]> {
  const connected = new Map([...switches.connected.values()].map(({ site }) => [site.name(), site]));
  const places: Place[] = [];
  for (const { host, bridges } of hosts()?.survey() ?? []) {
    for (const bridge of bridges ?? []) {
      const name = `${host.name}/${bridge.name}`;
      const site = connected.get(name);
      connected.delete(name);
      const socket = await openManagement(host.ovsdb, bridge.name).catch(() => undefined);
      const asked = site?.datapath.connection ?? socket?.connection;
      const contents = asked === undefined ? undefined : await readContents(asked, namespace).catch(() => undefined);
      socket?.connection.close('it was only looked at');
      const isHere = socket !== undefined;
      places.push({ name, hostName: host.name, ovsdb: host.ovsdb, bridge, site, isHere, contents });
    }
  }
  for (const [name, site] of connected) {
    const contents = await readContents(site.datapath.connection, namespace).catch(() => undefined);
    const nowhere = { hostName: undefined, ovsdb: undefined, bridge: undefined, isHere: false };
    places.push({ name, ...nowhere, site, contents });
  }
  return places;
}

function report(parts: ReleaseParts, places: Place[], request: ReleaseRequest): ReleaseReport {
  const hosts = parts.hosts();
  const plans = hosts?.planRelease(releaseOf(places, request)) ?? [];
  const unread = plans.filter(({ state }) => state === 'unknown').map(({ host }) => host);
  const unreachable = plans.flatMap(({ host, state, note }) => (state === 'unknown' ? [`${host}: ${note ?? ''}`] : []));
  const notes: string[] = [];
  for (const place of places) {
    const { name, contents, bridge } = place;
    if (contents === undefined && (bridge === undefined || bridge.losesLast))
      unreachable.push(`${name}: it is not connected, so what others have in it is not known`);
    else if (contents === undefined)
      notes.push(`${name}: what is in it can't be looked at; it has no controller of ours`);
    if (isLosing(place) && place.isHere)
      notes.push(
        `${name}: with its last controller Open vSwitch removes the flows of others, too; they are put back at once`,
      );
    if (isLosing(place) && !place.isHere && request.dropController === true)
      notes.push(`${name}: with its last controller Open vSwitch removes the flows of others, too; they are lost`);
    if (bridge === undefined && unread.length === 0)
      notes.push(`${name}: its controller was set by somebody else and stays: ovs-vsctl del-controller takes it`);
    else if (bridge === undefined)
      notes.push(
        `${name}: whose controller it has is not known while ${unread.join(', ')} is not reached, and it stays`,
      );
  }
  for (const { name, others } of unfinished(parts.host.namespace, parts.hosts()))
    notes.push(
      `${name}: a release was killed before it had put back what others have there: ${counts(others).join(', ')}`,
    );
  return {
    done: false,
    hosts: plans
      .filter(({ state }) => state === 'current')
      .map(({ host, changes, refused }) => ({ name: host, changes, refused })),
    switches: places.map((place) => toldSwitch(parts.host, place)),
    unreachable,
    notes,
    left: [],
  };
}

function toldSwitch(host: AppHost, { name, bridge, contents }: Place): ReleasedSwitch {
  const fate = bridge?.owned !== true ? 'kept' : staysWith(bridge, contents) ? 'handed over' : 'removed';
  if (contents === undefined) return { name, fate, ours: null, others: bridge?.others ?? [] };
  const flows = new Map<string, number>();
  for (const { cookie } of contents.ours.flows) {
    const number = appOf(cookie);
    const app = number === WEAVER ? 'weaver' : (host.byNumber(number)?.name ?? `app ${number}`);
    flows.set(app, (flows.get(app) ?? 0) + 1);
  }
  const ours = [...flows].map(([app, count]) => `${app}: ${counted(count, 'flow')}`);
  const { groups, meters } = contents.ours;
  return {
    name,
    fate,
    ours: [...ours, ...counts({ flows: [], groups, meters })],
    others: [...(bridge?.others ?? []), ...counts(contents.others)],
  };
}

/** Open vSwitch's own, in a bridge without a controller. */
function isStandard({ flows, groups, meters }: Contents): boolean {
  const [flow] = flows;
  if (flow === undefined || flows.length > 1 || groups.length + meters.length > 0) return false;
  return flow.cookie === 0n && flow.priority === 0 && Object.keys(flow.match).length === 0;
}

/** A bridge of ours is handed over, not removed, where others have something in it. */
function staysWith({ others, losesLast }: BridgeSurvey, contents: SwitchContents | undefined): boolean {
  if (others.length > 0) return true;
  if (contents === undefined) return false;
  return !isEmpty(contents.others) && (losesLast || !isStandard(contents.others));
}

/** It stays, loses its last controller, and with that what others have in it. */
function isLosing({ bridge, contents }: Place): boolean {
  if (bridge === undefined || !bridge.losesLast) return false;
  const stays = !bridge.owned || staysWith(bridge, contents);
  return stays && (contents === undefined || !isEmpty(contents.others));
}

function releaseOf(places: Place[], request: ReleaseRequest): (host: string) => Release {
  return (host) => {
    const here = places.filter(({ hostName }) => hostName === host);
    const names = (which: (place: Place) => boolean) =>
      new Set(here.filter(which).map(({ bridge }) => bridge?.name ?? ''));
    return {
      handOver: names(({ bridge, contents }) => bridge !== undefined && staysWith(bridge, contents)),
      keepController: names((place) => isLosing(place) && !place.isHere && request.dropController !== true),
    };
  };
}

async function emptySwitch(namespace: Namespace, { name, ovsdb, bridge, site, contents }: Place): Promise<string[]> {
  if (contents === undefined) return [];
  const socket =
    site === undefined ? await openManagement(ovsdb, bridge?.name ?? '').catch(() => undefined) : undefined;
  try {
    if (site === undefined && socket === undefined) throw new Error('it is not connected any more');
    const { left } = site === undefined ? await releaseSwitch(socket!.connection, namespace) : await site.release();
    return left.map((line) => `${name}: ${line}`);
  } catch (error) {
    return [`${name}: ${(error as Error).message}: what of ours is in it stays`];
  } finally {
    socket?.connection.close('released');
  }
}

async function releaseHosts(
  parts: ReleaseParts,
  places: Place[],
  request: ReleaseRequest,
  left: string[],
): Promise<void> {
  const hosts = parts.hosts();
  if (hosts === undefined) return;
  const release = releaseOf(places, request);
  for (const { host, state, refused, note } of hosts.planRelease(release)) {
    left.push(...refused.map((line) => `${host}: ${line}`));
    if (state === 'unknown') left.push(`${host}: ${note ?? ''}`);
  }
  const reached = new Set(hosts.survey().flatMap(({ host, bridges }) => (bridges === undefined ? [] : [host.name])));
  hosts.release(release);
  const waiting = () => hosts.unreleased().filter((name) => reached.has(name));
  for (const end = Date.now() + PATIENCE_MS; waiting().length > 0 && Date.now() < end; ) await setTimeout(LOOK_MS);
  for (const name of waiting()) {
    const { error } = hosts.status().find((each) => each.name === name) ?? {};
    left.push(`${name}: not everything is done: ${error ?? 'ovs-vswitchd has not taken it up; is it running?'}`);
  }
}

/** Where what others have goes with the last controller, and can be put back from here. */
function losingHere(place: Place): Losing | undefined {
  const { name, ovsdb, bridge, contents } = place;
  if (!isLosing(place) || !place.isHere || contents === undefined || bridge === undefined) return undefined;
  return { name, ovsdb, bridge: bridge.name, others: contents.others };
}

/** What others had in a bridge that lost its last controller. */
async function giveBack(namespace: Namespace, place: Place, request: ReleaseRequest): Promise<string[]> {
  const losing = losingHere(place);
  if (losing !== undefined) return putBackInto(namespace, losing);
  if (!isLosing(place) || place.contents === undefined || request.dropController !== true) return [];
  return [`${place.name}: others lost ${counts(place.contents.others).join(', ')}`];
}
