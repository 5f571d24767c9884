/** What a flow that a switch learned by itself says: which station it is about, and where it found it. */

import type { Action } from '../../proto/openflow/action.ts';
import { isMasked } from '../../proto/openflow/oxm.ts';
import { ipv4Text } from '../../proto/wire/address.ts';
import { appOf, isOurs, STATE_APPS } from './cookie.ts';
import type { TableFlow } from './flow.ts';
import { PIPELINE_FIELDS } from './pipeline-fields.ts';

export interface LearnedStation {
  /** Segment.id. */
  segment: number;
  mac: string;
  /** undefined: the flow only counts what the station sends. */
  place: { port: number; peer: string | undefined } | undefined;
}

/** undefined: it is about no station. */
export function learnedStation(flow: TableFlow): LearnedStation | undefined {
  if (!isOurs(flow.cookie) || appOf(flow.cookie) !== STATE_APPS.mac) return undefined;
  const { metadata, ethDst, ethSrc } = flow.match;
  if (metadata === undefined) return undefined;
  const segment = Number(isMasked(metadata) ? metadata.value : metadata) & 0xffff;
  if (typeof ethSrc === 'string') return { segment, mac: ethSrc, place: undefined };
  if (typeof ethDst !== 'string') return undefined;
  const port = loaded(flow, PIPELINE_FIELDS.outPort.field);
  if (port === undefined) return undefined;
  const peer = loaded(flow, PIPELINE_FIELDS.tunnelPeer.field);
  return { segment, mac: ethDst, place: { port, peer: peer === undefined ? undefined : ipv4Text(peer) } };
}

/** What the flow puts into a register; Open vSwitch dumps a whole one as set_field and a part as a load. */
function loaded({ instructions }: TableFlow, register: string): number | undefined {
  const actions = instructions.flatMap((each): readonly Action[] => (each.type === 'applyActions' ? each.actions : []));
  for (const action of actions) {
    if (action.type === 'regLoad' && action.to.field === register) return Number(action.value);
    if (action.type === 'setField' && action.field === register) return Number(action.value);
  }
  return undefined;
}

/**
 * Tells of a learned flow whether it must go: its port is no more, or nothing would learn it like this any more. (A
 * `learn` with new timeouts never gives them to what stands: it keeps it alive with the old ones.)
 */
export function outdated(
  desired: ReadonlyMap<string, TableFlow>,
  hasPort: (port: number) => boolean,
): (flow: TableFlow) => boolean {
  let timeouts: ReadonlyMap<number, ReadonlySet<string>> | undefined;
  return (flow) => {
    timeouts ??= learningTimeouts(desired.values());
    if (timeouts.get(flow.tableId)?.has(timeoutsOf(flow)) !== true) return true;
    const place = learnedStation(flow)?.place;
    return place !== undefined && !hasPort(place.port);
  };
}

/** What the flows' `learn` actions give, by the table that they write: `idle/hard`. */
function learningTimeouts(flows: Iterable<TableFlow>): ReadonlyMap<number, ReadonlySet<string>> {
  const found = new Map<number, Set<string>>();
  for (const { instructions } of flows) {
    for (const instruction of instructions) {
      if (instruction.type !== 'applyActions') continue;
      for (const action of instruction.actions) {
        if (action.type !== 'learn') continue;
        const timeouts = found.get(action.table) ?? new Set();
        found.set(action.table, timeouts.add(timeoutsOf(action)));
      }
    }
  }
  return found;
}

function timeoutsOf({ idleTimeout, hardTimeout }: { idleTimeout: number; hardTimeout: number }): string {
  return `${idleTimeout}/${hardTimeout}`;
}
