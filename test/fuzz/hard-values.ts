// What costs V8 the most for its bytes, where copies of one message would not show it: every message is another.
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { FULL, full, shuffled } from './filled.ts';
import type { Random } from './random.ts';

/** Fields whose values take a byte or two. */
const SMALL = FIELD_NAMES.filter((name) => {
  const { kind, bytes, header } = fieldRow(name);
  return kind === 'number' && bytes <= 2 && header.experimenter === undefined;
});

const hexOf = (random: Random, digits: number) =>
  Array.from({ length: digits }, () => random.below(16).toString(16)).join('');

/** In any order: V8 makes hidden classes for each. */
function match(random: Random, fields: number): Record<string, number> {
  return Object.fromEntries(
    shuffled(SMALL, random)
      .slice(0, fields)
      .map((name) => [name, 1]),
  );
}

const packetIn2 = { type: 'packetIn2', properties: [], xid: 1 } as Message;
const packetOut = {
  type: 'packetOut',
  bufferId: 0,
  inPort: 1,
  actions: [],
  data: new Uint8Array(0),
  xid: 1,
} as Message;
const tableMod = { type: 'tableMod', tableId: 0, config: [], properties: [], xid: 1 } as Message;
const tableFeatures = {
  type: 'multipartReply',
  kind: 'tableFeatures',
  flags: [],
  reply: [
    {
      tableId: 0,
      name: '',
      metadataMatch: 0n,
      metadataWrite: 0n,
      capabilities: [],
      maxEntries: 0,
      properties: [{ type: 'match', oxmIds: [] }],
    },
  ],
  xid: 1,
} as Message;
/** Takes twenty times its 8 bytes, and the account knows it: as much of it as may be leaves no room for what it does not. */
const UNKNOWN = { type: 'unknown', code: 0x1234, body: Uint8Array.of(1, 2, 3, 4) };

/** A full message of different things, `share` of its bytes, among others that no schema names. */
function filledUp(message: Message, place: string, share: number, make: () => unknown): Uint8Array {
  const encode = (items: readonly unknown[]) => encodeMessage({ ...message, [place]: items } as Message);
  const none = encode([]).length;
  const items: unknown[] = [];
  let bytes = 0;
  let unknown = 0;
  while (bytes < FULL) {
    const item = unknown < (1 - share) * bytes ? UNKNOWN : make();
    const length = encode([item]).length - none;
    if (item === UNKNOWN) unknown += length;
    bytes += length;
    items.push(item);
  }
  return encode(items).slice();
}

const actions = (share: number, make: (random: Random) => unknown) => (random: Random) =>
  filledUp(packetOut, 'actions', share, () => make(random));

const metadata = (share: number, fields: number) => (random: Random) =>
  filledUp(packetIn2, 'properties', share, () => ({ type: 'metadata', match: match(random, fields) }));

const zone = { field: 'reg1', offset: 0, bits: 16 };

/** Each makes another message each time. */
export const HARD: readonly [what: string, make: (random: Random) => Uint8Array][] = [
  ...[1, 3, 6, 12, 16, 20, 22, 30].flatMap((fields): [string, (random: Random) => Uint8Array][] => [
    [`matches of ${fields} small fields in any order`, metadata(1, fields)],
    [`matches of ${fields} small fields in any order, a fifth of what no schema names`, metadata(0.8, fields)],
  ]),
  ...[1, 0.55].flatMap((share): [string, (random: Random) => Uint8Array][] => [
    [
      `${share}: set-fields that no table has`,
      actions(share, (random) => ({
        type: 'setField',
        field: `oxm:ffff:7e:f${hexOf(random, 7)}`,
        value: hexOf(random, 8),
      })),
    ],
    [
      `${share}: loads of tunnel options`,
      actions(share, (random) => ({ type: 'regLoad2', field: 'tunMetadata3', value: `0x${hexOf(random, 14)}` })),
    ],
    [
      `${share}: ct with a zone from a field`,
      actions(share, () => ({ type: 'ct', flags: [], zone, alg: 0, table: 5, actions: [] })),
    ],
    [
      `${share}: ct with flags that have no names`,
      actions(share, (random) => ({ type: 'ct', flags: [4 << random.below(14)], zone: 7, alg: 0, actions: [] })),
    ],
    [
      `${share}: nat with flags that have no names`,
      actions(share, (random) => ({ type: 'nat', flags: [32 << random.below(11)], protoMin: 1, protoMax: 2 })),
    ],
    [
      `${share}: flags that have no names`,
      (random) =>
        filledUp(tableMod, 'properties', share, () => ({ type: 'eviction', flags: [8 * (1 + random.below(1 << 28))] })),
    ],
    [`${share}: fields taken off`, actions(share, () => ({ type: 'deleteField', field: 'tunMetadata3', width: 8 }))],
    [
      `${share}: specs of learn`,
      actions(share, (random) => ({
        type: 'learn',
        idleTimeout: 0,
        hardTimeout: 0,
        priority: 0,
        cookie: 1n,
        flags: [],
        table: 1,
        finIdleTimeout: 0,
        finHardTimeout: 0,
        specs: Array.from({ length: 20 }, () => ({
          type: 'load',
          bits: 16,
          source: { immediate: BigInt(random.below(65536)) },
          field: 'reg1',
          offset: 0,
        })),
      })),
    ],
  ]),
  [
    'ids of fields that no table has',
    (random) => {
      const ids = Array.from({ length: 4000 }, () => ({
        field: `oxm:9${hexOf(random, 3)}:5`,
        hasMask: true,
        length: 8,
      }));
      return full(tableFeatures, ['reply', 0, 'properties', 0, 'oxmIds'], ids)!;
    },
  ],
];
