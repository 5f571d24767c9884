// What costs V8 the most for its bytes, where copies of one message would not show it: every message is another.
import type { Message } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { full, shuffled } from './filled.ts';
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
const DIFFERENT = 150;
const UNKNOWN = { type: 'unknown', code: 0x1234, body: Uint8Array.of(1, 2, 3, 4) };

/** A full message of many different things, and of as much as they leave of what the account knows exactly. */
function filledUp(message: Message, place: string, share: number, make: () => unknown, random: Random): Uint8Array {
  const different = Array.from({ length: DIFFERENT }, make);
  const others = Array.from({ length: Math.round((DIFFERENT * (1 - share)) / share) }, () => UNKNOWN);
  const bytes = full(message, [place], shuffled([...different, ...others], random));
  if (bytes === undefined) throw new Error(`${place} cannot be full of this`);
  return bytes;
}

const actions = (share: number, make: (random: Random) => unknown) => (random: Random) =>
  filledUp(packetOut, 'actions', share, () => make(random), random);

const metadata = (share: number, fields: number) => (random: Random) =>
  filledUp(packetIn2, 'properties', share, () => ({ type: 'metadata', match: match(random, fields) }), random);

const zone = { field: 'reg1', offset: 0, bits: 16 };

/** Each makes another message each time. */
export const HARD: readonly [what: string, make: (random: Random) => Uint8Array][] = [
  ...[1, 3, 6, 12, 16, 20, 22, 30].flatMap((fields): [string, (random: Random) => Uint8Array][] => [
    [`matches of ${fields} small fields in any order`, metadata(1, fields)],
    [`matches of ${fields} small fields in any order, a third of what no schema names`, metadata(0.7, fields)],
  ]),
  ...[1, 0.5].flatMap((share): [string, (random: Random) => Uint8Array][] => [
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
];
