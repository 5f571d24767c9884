/** What is counted, and how it rose. */

import { COUNTER_FIELDS, type CounterKind } from '../../telemetry/counters/kinds.ts';
import { by, type JsonSchemas, list, number, object, oneOf, orNull, text, time } from './schema.ts';

/** What one flow, intent, app, port, table, queue, meter or group has counted. */
export interface CounterStatus {
  of: CounterKind;
  /** For `history`: a flow's id, an intent's cookie, an app's name; of others `dpid/name`. */
  id: string;
  /** For people: a port's or table's name, an intent's text, a flow's match. */
  name: string;
  /** null: a sum over all switches. */
  dpid: string | null;
  switch: string | null;
  app: string | null;
  intent: string | null;
  source: string | null;
  /** By what is counted: packets, bytes and so on; null: the switch does not keep it. */
  counts: Record<string, number | null>;
  /** Per second, by the same names. */
  rates: Record<string, number>;
}

/** How a counter rose. */
export interface CounterHistory {
  of: CounterKind;
  id: string;
  /** When the first step begins. */
  from: number;
  /** Length of a step in seconds. */
  step: number;
  /** Per second, step by step, by what is counted. */
  rates: Record<string, number[]>;
}

const counterKind = oneOf(...Object.keys(COUNTER_FIELDS));

export const counterSchemas: JsonSchemas = {
  CounterStatus: object<CounterStatus>({
    of: counterKind,
    id: text,
    name: text,
    ...{ dpid: orNull(text), switch: orNull(text), app: orNull(text), intent: orNull(text), source: orNull(text) },
    counts: by(orNull(number), 'Sums, by what is counted; null: the switch does not keep it'),
    rates: by(number, 'Per second, by the same names'),
  }),
  CounterHistory: object<CounterHistory>({
    of: counterKind,
    id: text,
    from: time,
    step: { type: 'integer', description: 'Seconds' },
    rates: by(list(number), 'Per second, step by step, by what is counted'),
  }),
};
