/**
 * Flow statistics without their matches and actions (OpenFlow 1.4, 7.3.5.2): each entry's place and the numbers before
 * its match, in the same few variables. Decoding the matches and actions of 100,000 flows costs a second, this some
 * milliseconds.
 */

import { DecodeError } from '../wire/decode-error.ts';

/** One entry; the same object for all of them. 64-bit numbers in halves. */
export interface FlowCounters {
  /** Where it stands in the body. */
  start: number;
  end: number;
  tableId: number;
  priority: number;
  durationSec: number;
  durationNsec: number;
  cookieHigh: number;
  cookieLow: number;
  packetsHigh: number;
  packetsLow: number;
  bytesHigh: number;
  bytesLow: number;
  /** Where its match stands in the body: its ofp_match, without the pad after it. */
  matchStart: number;
  matchEnd: number;
}

/** Of an ofp_flow_stats before its match, and of the smallest match. */
const HEAD = 48;
const LEAST_MATCH = 4;
const OXM_MATCH = 1;

/** `body`: of a multipart reply of kind `flow`. Throws DecodeError where an entry is not sound. */
export function scanFlowStats(body: Uint8Array, visit: (entry: FlowCounters) => void): void {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const entry: FlowCounters = {
    ...{ start: 0, end: 0, tableId: 0, priority: 0, durationSec: 0, durationNsec: 0, cookieHigh: 0, cookieLow: 0 },
    ...{ packetsHigh: 0, packetsLow: 0, bytesHigh: 0, bytesLow: 0, matchStart: 0, matchEnd: 0 },
  };
  let at = 0;
  while (at < body.length) {
    if (body.length - at < HEAD + LEAST_MATCH) throw new DecodeError('an entry is cut off', at);
    const length = view.getUint16(at);
    if (length < HEAD + LEAST_MATCH || length % 8 !== 0 || at + length > body.length)
      throw new DecodeError(`an entry cannot have ${length} bytes`, at);
    const matchStart = at + HEAD;
    const matchLength = view.getUint16(matchStart + 2);
    if (view.getUint16(matchStart) !== OXM_MATCH || matchLength < LEAST_MATCH || HEAD + matchLength > length)
      throw new DecodeError('an entry has no OXM match that fits into it', matchStart);
    entry.start = at;
    entry.end = at + length;
    entry.tableId = view.getUint8(at + 2);
    entry.durationSec = view.getUint32(at + 4);
    entry.durationNsec = view.getUint32(at + 8);
    entry.priority = view.getUint16(at + 12);
    entry.cookieHigh = view.getUint32(at + 24);
    entry.cookieLow = view.getUint32(at + 28);
    entry.packetsHigh = view.getUint32(at + 32);
    entry.packetsLow = view.getUint32(at + 36);
    entry.bytesHigh = view.getUint32(at + 40);
    entry.bytesLow = view.getUint32(at + 44);
    entry.matchStart = matchStart;
    entry.matchEnd = matchStart + matchLength;
    visit(entry);
    at += length;
  }
}
