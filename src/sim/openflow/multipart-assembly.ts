/**
 * Multipart requests in several messages (OpenFlow 1.4, 7.3.5): table features alone may come so; the rest is not
 * awaited.
 */

import { joined, putU16, u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { Link } from './link.ts';

export interface PendingMultipart {
  xid: number;
  kind: number;
  /** All but the head of each. */
  bodies: Uint8Array[];
  /** The first of them, whole. */
  first: Uint8Array;
  since: number;
}

const HEAD = 16;
const MORE = 1;
const FLAGS_AT = 10;
const MOST = 0xffff;
/** How long the next part may take, in milliseconds. */
export const PART_TIMEOUT = 1000;

/** The whole request; undefined: more is to come. */
export function assemble(link: Link, bytes: Uint8Array, now: number): Uint8Array | Refusal | undefined {
  const xid = u32(bytes, 4);
  const kind = u16(bytes, 8);
  const hasMore = (u16(bytes, FLAGS_AT) & MORE) !== 0;
  const pending = link.multipart;
  if (pending === undefined || pending.xid !== xid) {
    if (!hasMore) return bytes;
    link.multipart = { xid, kind, bodies: [bytes.slice(HEAD)], first: bytes, since: now };
    return undefined;
  }
  if (pending.kind !== kind) {
    link.multipart = undefined;
    return BAD_REQUEST.badMultipart;
  }
  pending.bodies.push(bytes.slice(HEAD));
  pending.since = now;
  const whole = joined(pending.first.subarray(0, HEAD), ...pending.bodies);
  if (whole.length > MOST) {
    link.multipart = undefined;
    return BAD_REQUEST.multipartBufferOverflow;
  }
  if (hasMore) return undefined;
  link.multipart = undefined;
  putU16(whole, 2, whole.length);
  putU16(whole, FLAGS_AT, 0);
  return whole;
}

/** A request whose next part has not come: what the controller is told, with its first part. */
export function expireMultipart(link: Link, now: number): { first: Uint8Array; refusal: Refusal } | undefined {
  const { multipart } = link;
  if (multipart === undefined || now - multipart.since < PART_TIMEOUT) return undefined;
  link.multipart = undefined;
  return { first: multipart.first, refusal: { errorType: 'badRequest', code: 'multipartRequestTimeout' } };
}
