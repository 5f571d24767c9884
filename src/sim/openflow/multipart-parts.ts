/**
 * Multipart replies (OpenFlow 1.4, 7.3.5), as many messages as their length takes: each as full as Open vSwitch fills
 * it.
 */

import { encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody } from '../../../proto/openflow/multipart.ts';
import { joined, putU16 } from '../../packet/bytes.ts';

const HEAD = 16;
const MOST = 0xffff;
const FLAGS_AT = 10;
const MORE = 1;

/** What a kind's reply is a list of. */
type ItemOf<K extends MultipartKind> = MultipartReplyBody<K> extends readonly (infer T)[] ? T : never;

export function encodeReply<K extends MultipartKind>(kind: K, reply: MultipartReplyBody<K>, xid: number): Uint8Array {
  return encodeMessage({ type: 'multipartReply', flags: [], kind, reply, xid } as unknown as Message);
}

/** A list, in one message at least. */
export function* encodeParts<K extends MultipartKind>(
  kind: K,
  items: Iterable<ItemOf<K>>,
  xid: number,
): Generator<Uint8Array> {
  const head = encodeReply(kind, [] as unknown as MultipartReplyBody<K>, xid).subarray(0, HEAD);
  let pieces: Uint8Array[] = [];
  let length = HEAD;
  for (const item of items) {
    const piece = encodeReply(kind, [item] as unknown as MultipartReplyBody<K>, xid).subarray(HEAD);
    if (length + piece.length > MOST) {
      yield partOf(head, pieces, length, MORE);
      pieces = [];
      length = HEAD;
    }
    pieces.push(piece);
    length += piece.length;
  }
  yield partOf(head, pieces, length, 0);
}

function partOf(head: Uint8Array, pieces: readonly Uint8Array[], length: number, flags: number): Uint8Array {
  const bytes = joined(head, ...pieces);
  putU16(bytes, 2, length);
  putU16(bytes, FLAGS_AT, flags);
  return bytes;
}
