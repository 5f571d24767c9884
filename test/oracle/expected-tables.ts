// Tables as Open vSwitch prints them: messages, descriptions and statistics.
import fc from 'fast-check';
import { u8, u32, u64 } from '../property/arbitrary.ts';
import { type MessageKind, messageKind, partKind } from './expected.ts';

const tableStats = partKind(
  'reply',
  'table',
  fc.array(fc.record({ tableId: u8, activeCount: u32, lookupCount: u64, matchedCount: u64 }), { maxLength: 3 }),
  (tables) =>
    tables
      .map(
        (each) =>
          `table ${each.tableId}: active=${each.activeCount}, lookup=${each.lookupCount}, matched=${each.matchedCount}`,
      )
      .join(' '),
);

const EVICTION = { other: 'OTHER', importance: 'IMPORTANCE', lifetime: 'LIFETIME' } as const;
const vacancy = { vacancyDown: u8, vacancyUp: u8, vacancy: u8 };

const table = fc.record({
  tableId: fc.integer({ min: 0, max: 254 }),
  config: fc.subarray(['eviction', 'vacancyEvents']),
  flags: fc.subarray(Object.keys(EVICTION) as (keyof typeof EVICTION)[], { minLength: 1 }),
  ...vacancy,
});
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

const tableOf = ({ tableId, config, flags, ...rest }: Table) => ({
  tableId,
  config,
  properties: [
    { type: 'eviction', flags },
    { type: 'vacancy', ...rest },
  ],
});

function tableText({ tableId, config, flags, ...rest }: Table): string {
  const events = config.includes('vacancyEvents')
    ? `on vacancy_down=${rest.vacancyDown}% vacancy_up=${rest.vacancyUp}% vacancy=${rest.vacancy}%`
    : 'off';
  return [
    `table ${tableId}:`,
    `eviction=${config.includes('eviction') ? 'on' : 'off'} eviction_flags=${flags.map((flag) => EVICTION[flag]).join('|')}`,
    `vacancy=${events}`,
  ].join(' ');
}

const tableDesc = partKind(
  'reply',
  'tableDesc',
  fc.array(table, { minLength: 1, maxLength: 2 }),
  (tables) => tables.map(tableText).join(' '),
  undefined,
  (tables) => tables.map(tableOf),
);

const STATUS = { vacancyDown: 'VACANCY_DOWN', vacancyUp: 'VACANCY_UP' } as const;
const tableStatus = messageKind(
  fc.tuple(fc.constantFrom('vacancyDown' as const, 'vacancyUp' as const), table),
  ([reason, each]) => ({ type: 'tableStatus', reason, table: tableOf(each) }),
  ([reason, each]) => `reason=${STATUS[reason]} table_desc:- ${tableText(each)}`,
);

const tableMod = messageKind(
  fc.tuple(
    table,
    fc.integer({ min: 0, max: 99 }).chain((down) => fc.tuple(fc.constant(down), fc.integer({ min: down, max: 100 }))),
  ),
  ([{ tableId, config }, [vacancyDown, vacancyUp]]) => ({
    type: 'tableMod',
    tableId,
    config,
    // Open vSwitch 3.1 takes the flags of eviction for whether there is any: `eviction=***error***`.
    properties: [{ type: 'vacancy', vacancyDown, vacancyUp, vacancy: 0 }],
  }),
  ([{ tableId, config }, [down, up]]) =>
    [
      `table_id=${tableId},`,
      `eviction=${config.includes('eviction') ? 'on' : 'off'},`,
      `vacancy=${config.includes('vacancyEvents') ? `on vacancy:${down},${up}` : 'off'}`,
    ].join(' '),
);

export const TABLE_KINDS: Readonly<Record<string, MessageKind>> = {
  tableMod,
  tableStatus,
  'multipartReply table': tableStats,
  'multipartReply tableDesc': tableDesc,
};
