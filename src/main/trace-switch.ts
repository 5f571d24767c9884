/** A switch made ready to be traced: of its flows, groups and ports, with the names that its numbers have. */

import { setImmediate } from 'node:timers/promises';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import { ipv4Text } from '../../proto/wire/address.ts';
import type { TracedFlowText } from '../api/trace.ts';
import type { AppHost } from '../app/host.ts';
import type { AppPort } from '../app/switch-view.ts';
import type { Config } from '../config/model.ts';
import type { TableFlow } from '../flow/flow.ts';
import { PIPELINE_FIELDS } from '../flow/pipeline-fields.ts';
import { STAGES } from '../flow/stages.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';
import type { FlowEntry } from '../sim/table/flow-entry.ts';
import { createTracedSwitch, type TracedGroup } from '../sim/traced-switch.ts';
import type { NamedBits } from '../trace/changes.ts';
import type { KnownPort } from '../trace/knowledge.ts';
import type { SwitchNames } from '../trace/recorder.ts';
import type { Traceable } from '../trace/traceable.ts';
import { TraceError } from '../trace/tracer.ts';
import { nameInvented } from './plan-ports.ts';
import { tunnelOf } from './trace-links.ts';

type Owner = Pick<TracedFlowText, 'app' | 'intent' | 'source'>;

export interface TraceableParts {
  dpid: string;
  name: string;
  /** Which bridge of the file it is. */
  at: { host: string | undefined; bridge: string | undefined };
  host: AppHost;
  network: Config | undefined;
  ports: ReadonlyMap<number, AppPort>;
  /** Ports that do not exist yet, by the number that stands for them. */
  invented: ReadonlyMap<number, string>;
  flows: Iterable<TableFlow & { identity: string }>;
  groups: Iterable<TracedGroup>;
  groupName(groupId: number): string | undefined;
  /** Without identity: a flow that a traced packet has made the switch learn. */
  ownerOf(cookie: bigint, identity: string | undefined): Owner;
  beyond: Traceable['beyond'];
  notes: string[];
}

/** So many flows are taken in one turn of the event loop. */
const SLICE = 200;
/** They are held a second time, with what is needed to look them up: some two kilobytes each. */
const MOST_FLOWS = 200_000;
/** Flows that can't be taken are named up to so many. */
const NAMED = 3;

export async function makeTraceable(parts: TraceableParts): Promise<Traceable> {
  const { dpid, name, ports, network, at, groups, beyond } = parts;
  const traced = createTracedSwitch<TableFlow & { identity: string }>({
    ports: Array.from(ports.values(), ({ number, name: portName, mac, up }) => ({
      ...{ portNo: number, name: portName, hwAddr: mac, live: up },
      tunnel: tunnelOf(network, at, portName),
    })),
    groups,
  });
  const left: string[] = [];
  let count = 0;
  const flows = [...parts.flows];
  if (flows.length > MOST_FLOWS)
    throw new TraceError(`${name} has ${flows.length} flows: with more than ${MOST_FLOWS} it can't be traced`);
  for (const flow of flows) {
    const why = traced.add(flow);
    if (why !== undefined) left.push(`a flow in table ${flow.tableId} is left out: ${why}`);
    if (++count % SLICE === 0) await setImmediate();
  }
  const more = left.length > NAMED ? [`and ${left.length - NAMED} more flows are left out`] : [];
  const notes = [...parts.notes, ...[...left.slice(0, NAMED), ...more].map((line) => `${name}: ${line}`)];
  return { dpid, name, traced, names: namesOf(parts, (entry) => traced.flowOf(entry)?.identity), beyond, notes };
}

function namesOf(
  { host, network, ports, invented, groupName, ownerOf }: TraceableParts,
  identityOf: (entry: FlowEntry) => string | undefined,
): SwitchNames {
  const place = (table: number) => ({
    table,
    tableName: host.plan.name(table),
    stage: Object.entries(STAGES).find(([, [first, last]]) => table >= first && table <= last)?.[0] ?? null,
  });
  return {
    flow(entry): TracedFlowText {
      const { tableId, cookie, priority, match, instructions } = entry;
      return {
        ...place(tableId),
        ...ownerOf(cookie, identityOf(entry)),
        cookie: `0x${cookie.toString(16).padStart(16, '0')}`,
        priority,
        match: nameInvented(formatMatch(match), invented),
        actions: nameInvented(formatInstructions(instructions), invented),
      };
    },
    table: (table) => ({
      ...place(table),
      ...{ app: host.plan.owners.get(table)?.app ?? null, intent: null, source: null },
      ...{ cookie: null, priority: null, match: null, actions: null },
    }),
    port: (number) => ports.get(number)?.name ?? portWord(number),
    group: (groupId) => groupName(groupId) ?? `group ${groupId}`,
    zone: (zone) => {
      const zoneName = host.ctZone.nameOf(zone);
      return zoneName === undefined ? `zone ${zone}` : `zone ${zone} (${zoneName})`;
    },
    fields: fieldsOf(host, network, ports),
  };
}

function portWord(number: number): string {
  return Object.entries(RESERVED_PORTS).find(([, value]) => value === number)?.[0] ?? String(number);
}

/** What the pipeline carries along, and what apps keep of a packet in registers. */
function fieldsOf(host: AppHost, network: Config | undefined, ports: ReadonlyMap<number, AppPort>): NamedBits[] {
  const segments = new Map(network?.segments.map(({ id, name }) => [id, name]));
  const zones = new Map(network?.firewall?.zones.map(({ number, name }) => [number, name]));
  const texts: Partial<Record<string, (value: number) => string>> = {
    segment: (value) => segments.get(value) ?? String(value),
    ingressSegment: (value) => segments.get(value) ?? String(value),
    outPort: (value) => ports.get(value)?.name ?? String(value),
    tunnelPeer: ipv4Text,
    ingressZone: (value) => zones.get(value) ?? String(value),
    egressZone: (value) => zones.get(value) ?? String(value),
  };
  const own = Object.entries(PIPELINE_FIELDS).map(([name, place]): NamedBits => {
    return { name, place, text: texts[name] ?? String };
  });
  const apps = [...host.fields.fields.values()]
    .filter(({ place }) => /^x*reg\d+$/.test(place.field))
    .map(({ name, place }): NamedBits => ({ name, place, text: place.bits === 32 ? hexText : String }));
  return [...own, ...apps];
}

const hexText = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);

export function knownPorts(ports: ReadonlyMap<number, AppPort>): KnownPort[] {
  const noMac = '00:00:00:00:00:00';
  return Array.from(ports.values(), ({ number, name, mac }) => ({
    ...{ number, name, mac: mac === noMac ? undefined : mac },
    isLocal: number === RESERVED_PORTS.local,
  }));
}
