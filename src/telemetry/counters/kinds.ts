/** What is counted, and in which fields. */

/** As a switch reports them, each in statistics of its own (OpenFlow 1.4, 7.3.5). */
export type StatisticsKind = 'flow' | 'port' | 'table' | 'queue' | 'meter' | 'group';
/** Intents and apps are sums over flows. */
export type CounterKind = StatisticsKind | 'intent' | 'app';

const THROUGH = ['packets', 'bytes'] as const;

/** A rate has the name of its counter, and is per second. */
export const COUNTER_FIELDS: Readonly<Record<CounterKind, readonly string[]>> = {
  flow: THROUGH,
  intent: THROUGH,
  app: THROUGH,
  port: [...['rxPackets', 'txPackets', 'rxBytes', 'txBytes'], ...['rxDropped', 'txDropped', 'rxErrors', 'txErrors']],
  table: ['lookups', 'matched'],
  queue: ['packets', 'bytes', 'errors'],
  meter: ['packets', 'bytes', 'droppedPackets', 'droppedBytes'],
  group: THROUGH,
};

/** Those that have a history: of so many fields, the first ones. */
export const HISTORY_FIELDS: Readonly<Partial<Record<CounterKind, number>>> = {
  ...{ flow: 2, intent: 2, app: 2, port: 4, table: 2 },
};

/** Which statistics a counter is read from. */
export function statisticsOf(kind: CounterKind): StatisticsKind {
  return kind === 'intent' || kind === 'app' ? 'flow' : kind;
}
