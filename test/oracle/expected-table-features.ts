// Table features as Open vSwitch prints them: what a hit and a miss have in common stands there once.
import fc from 'fast-check';
import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import { u32, u64 } from '../property/arbitrary.ts';
import { ACTION_WORDS, type MessageKind, optional, partKind } from './expected.ts';

const INSTRUCTIONS = {
  meter: 'meter',
  applyActions: 'apply_actions',
  clearActions: 'clear_actions',
  writeActions: 'write_actions',
  writeMetadata: 'write_metadata',
  gotoTable: 'goto_table',
} as const;

/** No two of one prefix: they would be printed as `eth_{src,dst}`. */
const FIELDS = {
  metadata: 'metadata',
  reg3: 'reg3',
  ethSrc: 'eth_src',
  vlanVid: 'vlan_vid',
  ipv4Dst: 'ip_dst',
  arpOp: 'arp_op',
  tcpSrc: 'tcp_src',
} as const satisfies Partial<Record<FieldName, string>>;

const some = <N extends string>(names: Readonly<Record<N, string>>) => fc.subarray(Object.keys(names) as N[]);
const wordsOf = <N extends string>(chosen: readonly N[], names: Readonly<Record<N, string>>) =>
  chosen.map((name) => names[name]).join(' ');

/** What the flows that a packet hits may do, or the one that it hits when none matches. */
const doing = fc.record({
  instructions: some(INSTRUCTIONS),
  /** None beside another: those that are would be printed as a range. */
  nextTables: fc.subarray([2, 50, 77, 200, 253]),
  writeActions: some(ACTION_WORDS),
  writeSetfield: some(FIELDS),
  applyActions: some(ACTION_WORDS),
  applySetfield: some(FIELDS),
});
type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never;

function actionsText(
  title: string,
  actions: readonly (keyof typeof ACTION_WORDS)[],
  fields: Doing['writeSetfield'],
): string[] {
  return [
    `${title} features:`,
    ...(actions.length === 0 ? [] : [`actions: ${wordsOf(actions, ACTION_WORDS)}`]),
    ...(fields.length === 0 ? [] : [`supported on Set-Field: ${wordsOf(fields, FIELDS)}`]),
  ];
}

function doingText(title: string, each: Doing): string {
  const write = actionsText('Write-Actions', each.writeActions, each.writeSetfield);
  const apply = actionsText('Apply-Actions', each.applyActions, each.applySetfield);
  const same = write.slice(1).join() === apply.slice(1).join();
  const both = write.length === 1 ? [] : ['Write-Actions and Apply-Actions features:', ...write.slice(1)];
  return [
    `instructions (${title}):`,
    ...(each.nextTables.length === 0 ? [] : [`next tables: ${each.nextTables.join(',')}`]),
    ...(each.instructions.length === 0 ? [] : [`instructions: ${wordsOf(each.instructions, INSTRUCTIONS)}`]),
    ...(same ? both : [...write, ...apply]),
  ].join(' ');
}

const table = fc.record({
  tableId: fc.integer({ min: 0, max: 254 }),
  name: fc.stringMatching(/^[a-z0-9_.-]{1,31}$/),
  metadataMatch: u64,
  metadataWrite: u64,
  capabilities: fc.subarray(['eviction', 'vacancyEvents']),
  maxEntries: u32,
  hit: doing,
  miss: fc.option(doing, { nil: undefined }),
  /** How a field may be matched. */
  masked: some(FIELDS),
  wild: some(FIELDS),
});
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

const typed = (types: readonly string[]) => types.map((type) => ({ type }));
const fieldIds = (fields: readonly FieldName[], hasMask = false) => fields.map((field) => ({ field, hasMask }));

function propertiesOf(each: Doing, miss: '' | 'Miss') {
  return [
    { type: `instructions${miss}`, instructionIds: typed(each.instructions) },
    { type: `nextTables${miss}`, tableIds: each.nextTables },
    { type: `writeActions${miss}`, actionIds: typed(each.writeActions) },
    { type: `applyActions${miss}`, actionIds: typed(each.applyActions) },
    { type: `writeSetfield${miss}`, oxmIds: fieldIds(each.writeSetfield) },
    { type: `applySetfield${miss}`, oxmIds: fieldIds(each.applySetfield) },
  ];
}

/** A field is masked, or exact where it is not left out, or must be there. */
function matching({ masked, wild }: Table) {
  const exact = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).filter((name) => !masked.includes(name));
  return {
    masked,
    wild: exact.filter((name) => wild.includes(name)),
    must: exact.filter((name) => !wild.includes(name)),
  };
}

function tableOf(each: Table) {
  const { hit, miss, masked: _masked, wild: _wild, ...head } = each;
  const { masked, wild, must } = matching(each);
  return {
    ...head,
    properties: [
      ...propertiesOf(hit, ''),
      ...(miss === undefined ? [] : propertiesOf(miss, 'Miss')),
      { type: 'match', oxmIds: [...fieldIds(masked, true), ...fieldIds([...wild, ...must])] },
      { type: 'wildcards', oxmIds: fieldIds([...masked, ...wild]) },
    ],
  };
}

function tableText(each: Table): string {
  const { masked, wild, must } = matching(each);
  const kinds = [
    ['arbitrary mask', masked],
    ['exact match or wildcard', wild],
    ['must exact match', must],
  ] as const;
  const has = (capability: string) => (each.capabilities.includes(capability) ? 'supported' : 'not supported');
  const { hit, miss } = each;
  return [
    `table ${each.tableId} ("${each.name}"):`,
    `metadata: match=${each.metadataMatch} write=${each.metadataWrite}`,
    `eviction: ${has('eviction')} vacancy events: ${has('vacancyEvents')}`,
    ...optional(`max_entries=${each.maxEntries}`, each.maxEntries !== 0),
    ...(miss === undefined
      ? [doingText('table miss and others', hit)]
      : [doingText('other than table miss', hit), doingText('table miss', miss)]),
    'matching:',
    ...kinds.flatMap(([title, fields]) => (fields.length === 0 ? [] : [`${title}: ${wordsOf(fields, FIELDS)}`])),
  ].join(' ');
}

/** One table at a time: of a second, only what differs from the first is printed. */
const features = (direction: 'request' | 'reply') =>
  partKind(
    direction,
    'tableFeatures',
    fc.tuple(table),
    (tables) => tables.map(tableText).join(' '),
    undefined,
    (tables) => tables.map(tableOf),
  );

export const TABLE_FEATURE_KINDS: Readonly<Record<string, MessageKind>> = {
  'multipartRequest tableFeatures': features('request'),
  'multipartReply tableFeatures': features('reply'),
};
