/** Questions about counters: `/counters?of=…` and `/counters/history?of=…&id=…`. */

import { COUNTER_FIELDS, type CounterKind, HISTORY_FIELDS } from '../telemetry/counters/kinds.ts';
import { STEPS } from '../telemetry/counters/ring.ts';
import { type ApiError, apiError } from './errors.ts';
import type { CounterHistory, CounterStatus, SnapshotSource } from './snapshot.ts';

export const COUNTERS_QUERY = {
  of: 'What is counted: flow, intent, app, port, table, queue, meter or group',
  switch: 'Only those of this switch, by datapath id or by name',
  app: 'Only those of this app',
  id: 'Only this one',
};

export const HISTORY_QUERY = {
  of: 'flow, intent, app, port or table',
  id: 'Its id in /counters',
  step: 'Seconds: 1 (two minutes; the default), 10 (an hour) or 60 (a day); of flows 1',
};

export function counterKind(of: string | undefined): CounterKind {
  if (of !== undefined && Object.hasOwn(COUNTER_FIELDS, of)) return of as CounterKind;
  const hint = `say ?of=… with one of ${Object.keys(COUNTER_FIELDS).join(', ')}`;
  throw apiError(
    400,
    'bad-parameter',
    of === undefined ? 'of what is not said' : `nothing is counted of "${of}"`,
    hint,
  );
}

export function selectCounters(source: SnapshotSource, query: Record<string, string>): CounterStatus[] {
  const of = counterKind(query.of);
  const all = source.counters(of);
  if (query.id !== undefined && !all.some((one) => one.id === query.id)) throw unknownCounter(of, query.id);
  return all.filter(
    (one) =>
      (query.switch === undefined || one.dpid === query.switch.toLowerCase() || one.switch === query.switch) &&
      (query.app === undefined || one.app === query.app) &&
      (query.id === undefined || one.id === query.id),
  );
}

export function counterHistory(source: SnapshotSource, query: Record<string, string>): CounterHistory {
  const of = counterKind(query.of);
  if (HISTORY_FIELDS[of] === undefined) {
    const kept = Object.keys(HISTORY_FIELDS).join(', ');
    throw apiError(400, 'bad-parameter', `no history is kept of a ${of}`, `name one of ${kept}`);
  }
  const { id, step = '1' } = query;
  if (id === undefined)
    throw apiError(400, 'bad-parameter', `which ${of} is not said`, `say &id=…, with one of /api/v1/counters?of=${of}`);
  const steps = (of === 'flow' ? STEPS.slice(0, 1) : STEPS).map(([seconds]) => String(seconds));
  if (!steps.includes(step)) {
    throw apiError(
      400,
      'bad-parameter',
      `no history of ${/^[aeiou]/.test(of) ? 'an' : 'a'} ${of} has steps of "${step}"`,
      `give one of ${steps.join(', ')}`,
    );
  }
  const history = source.history(of, id, Number(step));
  if (history === undefined) throw unknownCounter(of, id);
  return history;
}

function unknownCounter(of: CounterKind, id: string): ApiError {
  return apiError(404, 'unknown-counter', `no ${of} has the id "${id}"`, `see /api/v1/counters?of=${of}`);
}
