/** One flow table (OpenFlow 1.4, 5.1 and 7.3.3): its flows, its counters, and what it does when it is full. */

import { type Classifier, createClassifier } from './classifier.ts';
import { endOf } from './expiry.ts';
import type { FlowEntry } from './flow-entry.ts';

export interface FlowTable {
  readonly tableId: number;
  readonly flows: Classifier<FlowEntry>;
  lookups: number;
  matches: number;
  /** As a table-mod says. */
  eviction: boolean;
  /** Percentages of free room that a controller is told of (7.4.5); undefined: it is not. */
  vacancy: Vacancy | undefined;
}

export interface Vacancy {
  down: number;
  up: number;
  /** Which of both is told next. */
  awaited: 'vacancyDown' | 'vacancyUp';
}

export function createFlowTable(tableId: number): FlowTable {
  return { tableId, flows: createClassifier(), lookups: 0, matches: 0, eviction: false, vacancy: undefined };
}

/**
 * The flow that goes where there is no room: the least important, then the one that would end first; never one without
 * end.
 */
export function flowToEvict({ flows }: FlowTable): FlowEntry | undefined {
  let chosen: FlowEntry | undefined;
  let chosenEnd = Number.POSITIVE_INFINITY;
  for (const flow of flows.entries()) {
    const end = endOf(flow);
    if (end === Number.POSITIVE_INFINITY) continue;
    const isBefore =
      chosen === undefined ||
      flow.importance < chosen.importance ||
      (flow.importance === chosen.importance && end < chosenEnd);
    if (!isBefore) continue;
    chosen = flow;
    chosenEnd = end;
  }
  return chosen;
}

/** Of a table with so many flows at most, in per cent; Open vSwitch rounds down. */
export function vacancyOf(table: FlowTable, mostFlows: number): number {
  return mostFlows === 0 ? 0 : Math.floor(((mostFlows - table.flows.size) * 100) / mostFlows);
}

/** Which event is due now, if one is; the other is then the one to wait for. */
export function vacancyEvent(table: FlowTable, mostFlows: number): 'vacancyDown' | 'vacancyUp' | undefined {
  const { vacancy } = table;
  if (vacancy === undefined) return undefined;
  const free = vacancyOf(table, mostFlows);
  if (vacancy.awaited === 'vacancyDown' ? free >= vacancy.down : free <= vacancy.up) return undefined;
  const event = vacancy.awaited;
  vacancy.awaited = event === 'vacancyDown' ? 'vacancyUp' : 'vacancyDown';
  return event;
}
