/** Counters of flow statistics read in place: the same as the codec's, and nothing but DecodeError whatever the bytes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FlowStats, flowStats } from '../../../proto/openflow/flow-stats.ts';
import { type FlowCounters, scanFlowStats } from '../../../proto/openflow/flow-stats-scan.ts';
import { match } from '../../../proto/openflow/match.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import { Reader } from '../../../proto/wire/reader.ts';
import { Writer } from '../../../proto/wire/writer.ts';

const MATCHES = [
  {},
  { inPort: 7 },
  { ethType: 0x800, ipProto: 6, tcpDst: 80, ipv4Dst: { value: '10.0.0.0', mask: '255.255.0.0' } },
  { metadata: { value: 100n, mask: 0xffffn }, ethSrc: '02:00:00:00:00:01' },
] as const;

const flow = fc.record({
  tableId: fc.integer({ min: 0, max: 254 }),
  durationSec: fc.nat(0xffffffff),
  priority: fc.nat(0xffff),
  cookie: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  packetCount: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  byteCount: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  match: fc.constantFrom(...MATCHES),
  outputs: fc.nat(3),
});

function encoded(flows: readonly FlowStats[]): Uint8Array {
  const writer = new Writer(4096);
  for (const each of flows) flowStats.encode(writer, each);
  return writer.finish().slice();
}

const wide = (high: number, low: number) => (BigInt(high) << 32n) | BigInt(low);

test('every entry has the numbers and the match that the codec reads', () => {
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 8 }), (flows) => {
      const actions = (count: number) =>
        Array.from({ length: count }, (_, port) => ({ type: 'output' as const, port: port + 1, maxLen: 0 }));
      const stats = flows.map(({ outputs, ...each }): FlowStats => {
        const more = { durationNsec: 5, idleTimeout: 6, hardTimeout: 7, flags: [], importance: 0 } as const;
        return { ...each, ...more, instructions: [{ type: 'applyActions', actions: actions(outputs) }] };
      });
      const body = encoded(stats);
      const read: unknown[] = [];
      scanFlowStats(body, (entry) => {
        read.push({
          ...{ tableId: entry.tableId, priority: entry.priority, durationSec: entry.durationSec },
          durationNsec: entry.durationNsec,
          cookie: wide(entry.cookieHigh, entry.cookieLow),
          packetCount: wide(entry.packetsHigh, entry.packetsLow),
          byteCount: wide(entry.bytesHigh, entry.bytesLow),
          match: match.decode(new Reader(body, entry.matchStart)),
          length: entry.matchEnd - entry.matchStart,
        });
      });
      const expected = stats.map(
        ({ tableId, priority, durationSec, cookie, packetCount, byteCount, match: fields }) => {
          const writer = new Writer(64);
          match.encode(writer, fields);
          const length = new DataView(writer.finish().slice().buffer).getUint16(2);
          return {
            tableId,
            priority,
            durationSec,
            durationNsec: 5,
            cookie,
            packetCount,
            byteCount,
            match: fields,
            length,
          };
        },
      );
      expect(read).toEqual(expected);
    }),
  );
});

test('hostile bytes are read within their bounds or refused', () => {
  const sound = encoded([
    {
      ...{ tableId: 3, durationSec: 1, durationNsec: 0, priority: 9, idleTimeout: 0, hardTimeout: 0, flags: [] },
      ...{ importance: 0, cookie: 1n, packetCount: 2n, byteCount: 3n, match: MATCHES[2], instructions: [] },
    },
  ]);
  const refused = (bytes: Uint8Array): boolean => {
    try {
      scanFlowStats(bytes, ({ matchStart, matchEnd }: FlowCounters) => {
        expect(matchStart + 4).toBeLessThanOrEqual(matchEnd);
        expect(matchEnd).toBeLessThanOrEqual(bytes.length);
      });
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      return true;
    }
  };
  for (let length = 1; length < sound.length; length++) expect(refused(sound.subarray(0, length))).toBe(true);
  const edits = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(edits, (changes) => {
      const bytes = sound.slice();
      for (const [at, value] of changes) bytes[at] = value;
      refused(bytes);
    }),
  );
});
