// Messages that are as large as can be, made of the smallest parts there are.
import { joined, viewOf } from './mutate.ts';

/** A message of this type around a body, with the right length. */
export function framed(type: number, ...body: Uint8Array[]): Uint8Array {
  const bytes = joined(Uint8Array.of(5, type, 0, 0, 0, 0, 0, 1), ...body);
  viewOf(bytes).setUint16(2, bytes.length);
  return bytes;
}

/** A packet-out with these actions and no data. */
export function packetOut(actions: Uint8Array): Uint8Array {
  const length = Uint8Array.of(actions.length >> 8, actions.length & 255);
  return framed(13, hex('ffffffff fffffffd'), length, new Uint8Array(6), actions);
}

/** As many pieces as 64 KiB hold behind a header and so many bytes. */
function fillOf(piece: Uint8Array, before = 0): Uint8Array {
  const count = Math.floor((0xffff - 8 - before) / piece.length);
  return joined(...Array<Uint8Array>(count).fill(piece));
}

export const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Each as large as a message can be, of parts that cost a decoder the most for their bytes. */
export const LARGEST: readonly [what: string, bytes: () => Uint8Array][] = [
  ['hello elements without a body', () => framed(0, fillOf(hex('0009 0004 00000000')))],
  ['hello elements of a byte', () => framed(0, fillOf(hex('0009 0005 01000000')))],
  ['actions', () => packetOut(fillOf(hex('0012 0008 00000000'), 16))],
  ['actions that no schema names', () => packetOut(fillOf(hex('0063 0008 00000000'), 16))],
  [
    'fields that no table has',
    () => {
      const fields: Uint8Array[] = [];
      for (let number = 0; number < 13_000; number++) {
        fields.push(Uint8Array.of(0x90, number >> 7, (number & 127) << 1, 1, 7));
      }
      const match = joined(hex('0001 0000'), ...fields);
      viewOf(match).setUint16(2, match.length);
      const padded = joined(match, new Uint8Array((8 - (match.length % 8)) % 8), new Uint8Array(2));
      return framed(10, hex('ffffffff 0000 00 00 0000000000000000'), padded);
    },
  ],
  [
    'experimenter properties',
    () => framed(33, hex('00000001 0000 0000'), fillOf(hex('ffff 000c 00000001 00000001 00000000'), 8)),
  ],
  ['table statistics', () => framed(19, hex('0003 0000 00000000'), fillOf(new Uint8Array(24), 8))],
  ['buckets', () => framed(15, hex('0000 00 00 00000001'), fillOf(hex('0010 0000 00000000 00000000 00000000'), 8))],
  ['data', () => framed(2, new Uint8Array(0xffff - 8).fill(7))],
];
