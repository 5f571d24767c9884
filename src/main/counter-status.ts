/** Counters and their histories as the API tells them. */

import type { CounterHistory, CounterStatus, FlowStatus } from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import type { Entity, EntityKind } from '../telemetry/counters/entity-book.ts';
import { rateOf, type Sum } from '../telemetry/counters/intent-sums.ts';
import { COUNTER_FIELDS, type CounterKind, HISTORY_FIELDS } from '../telemetry/counters/kinds.ts';
import type { Counters } from './counters.ts';
import type { Switches } from './switches.ts';

export interface CounterParts {
  host: AppHost;
  switches: Switches;
  counters: Counters;
  flows(): FlowStatus[];
}

export function counterStatuses(parts: CounterParts, of: CounterKind): CounterStatus[] {
  const { counters } = parts;
  switch (of) {
    case 'flow':
      return parts.flows().map(ofFlow);
    case 'intent':
      return Array.from(counters.intents.values(), (sum) => ofIntent(counters, sum));
    case 'app':
      return Array.from(new Set([...counters.apps.keys(), ...parts.host.apps.keys()]), (name) => ({
        ...{ of, id: name, name, dpid: null, switch: null, app: name, intent: null, source: null },
        ...figuresOf(counters.apps.get(name)),
      }));
    default:
      return Array.from(counters.entities(of), (entity) => ofEntity(parts, of, entity));
  }
}

function ofFlow(flow: FlowStatus): CounterStatus {
  const { id, dpid, app, intent, source, match, packets, bytes, packetRate, bitRate } = flow;
  return {
    ...{ of: 'flow', id, name: match, dpid, switch: flow.switch, app, intent, source },
    counts: { packets, bytes },
    rates: { packets: packetRate, bytes: bitRate / 8 },
  };
}

function ofIntent(counters: Counters, sum: Sum): CounterStatus {
  const owner = counters.ownerOf(sum.key);
  return {
    ...{ of: 'intent', id: sum.key, name: owner.intent ?? sum.key, dpid: null, switch: null, ...owner },
    ...figuresOf(sum),
  };
}

/** undefined: nothing was counted yet. */
function figuresOf(sum: Sum | undefined): Pick<CounterStatus, 'counts' | 'rates'> {
  if (sum === undefined) return { counts: { packets: 0, bytes: 0 }, rates: { packets: 0, bytes: 0 } };
  const [packets, bytes] = rateOf(sum);
  return { counts: { packets: sum.packets, bytes: sum.bytes }, rates: { packets, bytes } };
}

function ofEntity({ host, switches }: CounterParts, of: EntityKind, entity: Entity): CounterStatus {
  const { dpid, name, counts, rates } = entity;
  const site = switches.connected.get(dpid)?.site;
  const group = of === 'group' ? site?.reconciler.desiredGroup(Number(name)) : undefined;
  const owner = of === 'table' ? host.plan.owners.get(Number(name)) : group;
  const fields = COUNTER_FIELDS[of];
  return {
    ...{ of, id: `${dpid}/${name}`, dpid, switch: site?.name() ?? null },
    name: of === 'table' ? host.plan.name(Number(name)) : (group?.key ?? name),
    ...{ app: owner?.app ?? null, intent: null, source: null },
    counts: Object.fromEntries(fields.map((field, index) => [field, counts[index] ?? null])),
    rates: Object.fromEntries(fields.map((field, index) => [field, rates[index] ?? 0])),
  };
}

/** undefined: there is no such counter. One that never rose has a history of nothing. */
export function counterHistory(
  parts: CounterParts,
  of: CounterKind,
  id: string,
  step: number,
): CounterHistory | undefined {
  const history = parts.counters.history(of, id, step);
  if (history === undefined && !counterStatuses(parts, of).some((one) => one.id === id)) return undefined;
  const fields = COUNTER_FIELDS[of].slice(0, HISTORY_FIELDS[of]);
  return {
    ...{ of, id, step, from: history?.from ?? Date.now() },
    rates: Object.fromEntries(fields.map((field, index) => [field, history?.rates[index] ?? []])),
  };
}
