/** `trace` in a Flowloom that runs: on the mirrors of its switches, foreign flows and what they learned among them. */

import { apiError } from '../api/errors.ts';
import type { TraceReport, TraceRequest } from '../api/trace.ts';
import type { AppHost } from '../app/host.ts';
import type { Config } from '../config/model.ts';
import { leadsToSwitch, topologyOf } from '../control/topology-service.ts';
import { whose } from '../control/whose.ts';
import type { TracedGroup } from '../sim/traced-switch.ts';
import type { Knowledge, KnownStation, KnownSwitch, Place } from '../trace/knowledge.ts';
import { PacketWordsError } from '../trace/packet-words.ts';
import type { Traceable } from '../trace/traceable.ts';
import { TraceError, trace } from '../trace/tracer.ts';
import { stationsOfApps } from './stations.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';

import { beyondOf } from './trace-links.ts';
import { knownPorts, makeTraceable } from './trace-switch.ts';

export interface TracerParts {
  host: AppHost;
  switches: Pick<Switches, 'connected'>;
  /** The file with the ports that it selects now. */
  network(): Config | undefined;
  file(): string | null;
}

export async function traceLive(parts: TracerParts, request: TraceRequest): Promise<TraceReport> {
  const network = parts.network();
  const connected = [...parts.switches.connected.values()];
  const knowledge: Knowledge = { network, switches: connected.map((each) => knownSwitch(parts, each)) };
  try {
    const { packets, notes } = await trace(request, {
      knowledge,
      switchAt: (name) => liveSwitch(parts, knowledge, name),
    });
    return { on: 'switches', file: parts.file(), notes, packets };
  } catch (error) {
    if (error instanceof PacketWordsError) throw apiError(400, 'bad-words', error.message);
    if (error instanceof TraceError) throw apiError(400, 'bad-packet', error.message);
    throw error;
  }
}

function knownSwitch({ host }: TracerParts, { site }: ConnectedSwitch): KnownSwitch {
  const { dpid, ports } = site;
  const stations: KnownStation[] = [];
  for (const { segment, mac, place, addresses } of site.stations()) {
    const isHere = place.peer === undefined && !leadsToSwitch(host, dpid, place.port);
    stations.push({ mac, addresses, segment, port: place.port, isHere });
  }
  for (const { mac, ip, port } of stationsOfApps(host.commons.services, dpid)) {
    const addresses = ip === undefined ? [] : [ip];
    stations.push({ mac, addresses, segment: undefined, port, isHere: !leadsToSwitch(host, dpid, port) });
  }
  return { dpid, name: site.name(), host: site.host(), bridge: site.bridge(), ports: knownPorts(ports), stations };
}

function liveSwitch(parts: TracerParts, knowledge: Knowledge, name: string): Promise<Traceable> {
  const found = [...parts.switches.connected.values()].find(({ site }) => site.name() === name);
  const known = knowledge.switches.find((each) => each.name === name);
  if (found === undefined || known === undefined) throw new TraceError(`${name} is not connected any more`);
  return traceableOf(parts, knowledge, found, known);
}

async function traceableOf(
  parts: TracerParts,
  knowledge: Knowledge,
  { site, state, reading }: ConnectedSwitch,
  known: KnownSwitch,
): Promise<Traceable> {
  const { host } = parts;
  const { dpid, name } = known;
  if (reading !== 'done') throw new TraceError(`what stands in ${name} has not been read yet: ask again in a moment`);
  const notes = state === 'up' ? [] : [`${name} is being synchronised: its flows are changing`];
  let groups: readonly TracedGroup[];
  try {
    groups = await site.datapath.connection.multipart('groupDesc', {});
  } catch {
    groups = [...site.woven.groups.values()];
    notes.push(`${name} does not tell its groups: those are taken that it should have`);
  }
  const links = {
    ...{ network: knowledge.network, switches: knowledge.switches },
    cable: (from: Place) => otherEnd(parts, knowledge, from),
  };
  return makeTraceable({
    ...{
      dpid,
      name,
      at: known,
      host,
      network: knowledge.network,
      ports: site.ports,
      invented: new Map(),
      notes,
      groups,
    },
    flows: site.flows(),
    groupName(groupId) {
      const group = site.reconciler.desiredGroup(groupId);
      return group === undefined ? undefined : `group "${group.key}" of ${group.app}`;
    },
    ownerOf(cookie, identity) {
      const desired = identity === undefined ? undefined : site.reconciler.desired(identity);
      const owner =
        desired === undefined
          ? whose(host, site, cookie)
          : { app: desired.app, intent: desired.intent.text, source: desired.intent.source ?? null };
      return { ...owner, source: owner.source ?? lineOf(host, owner.app) };
    },
    beyond: (left) => beyondOf(links, known, left),
  });
}

/** Of a flow that names none: where the file names its app. */
export function lineOf(host: AppHost, app: string | null): string | null {
  const source = app === null ? undefined : host.sourceOf(app);
  return source !== undefined && /:\d+$/.test(source) ? source : null;
}

function otherEnd(
  { host }: TracerParts,
  { switches }: Knowledge,
  { at, port }: Place,
): Place | { away: string } | undefined {
  for (const { a, b } of topologyOf(host)?.cables() ?? []) {
    for (const [near, far] of [
      [a, b],
      [b, a],
    ] as const) {
      if (near.dpid !== at.dpid || near.port !== port.number) continue;
      const other = switches.find(({ dpid }) => dpid === far.dpid);
      const end = other?.ports.find(({ number }) => number === far.port);
      if (other !== undefined && end !== undefined) return { at: other, port: end };
      return { away: `cable to switch ${far.dpid}, which is not connected` };
    }
  }
  return undefined;
}
