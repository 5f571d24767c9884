/** The cookie of a flow, 64 bits: 16 namespace, 8 app, 40 intent. It tells whose a flow is and why it exists. */

import { hash } from 'node:crypto';

/** `0xf100`: Flowloom's, of the owner `main`. */
const NAMESPACE = 0xf100n;

/** App number of the weaver's own flows: the default misses. */
export const WEAVER = 0;

/** Bits 39 and 38 of the intent say how a flow came to be; the rest is the hash of its content. */

/** It has a timeout: made from traffic, it outlives a restart of the controller. */
export const REACTIVE = 1n << 39n;

/** The switch learned it by itself. */
export const STATE = 1n << 38n;

export function cookieOf(app: number, intent: bigint): bigint {
  return (NAMESPACE << 48n) | (BigInt(app) << 40n) | intent;
}

export function isOurs(cookie: bigint): boolean {
  return cookie >> 48n === NAMESPACE;
}

/** Matches the cookies of all that is ours. */
export const ALL_OURS = { cookie: NAMESPACE << 48n, cookieMask: 0xffffn << 48n } as const;

/** State that the switch learned: ours, but never desired and never compared. */
export function isState(cookie: bigint): boolean {
  return isOurs(cookie) && (cookie & STATE) !== 0n;
}

/** Matches the cookies of all that switches learned for us. */
export const LEARNED = {
  cookie: (NAMESPACE << 48n) | STATE,
  cookieMask: (0xffffn << 48n) | STATE,
} as const;

export function isReactive(cookie: bigint): boolean {
  return (cookie & REACTIVE) !== 0n;
}

export function appOf(cookie: bigint): number {
  return Number((cookie >> 40n) & 0xffn);
}

/** The intent's number, with the marks beside it. */
export function intentOf(cookie: bigint): bigint {
  return cookie & 0xff_ffff_ffffn;
}

/** Hashing is the dearest part of weaving a flow, and many flows have one intent. */
const intentIds = new Map<string, bigint>();
const MOST_KNOWN = 100_000;

/** 38 bits of a hash of the intent's content, never of its line number: the same file gives the same cookies. */
export function intentId(app: string, text: string): bigint {
  const full = `${app}\n${text}`;
  const known = intentIds.get(full);
  if (known !== undefined) return known;
  const id = hash('sha256', full, 'buffer').readBigUInt64BE() >> 26n;
  if (intentIds.size >= MOST_KNOWN) intentIds.clear();
  intentIds.set(full, id);
  return id;
}

/** Matches the cookies of an app's flows that live by a timeout. */
export function reactiveOf(app: number): { cookie: bigint; cookieMask: bigint } {
  return { cookie: cookieOf(app, REACTIVE), cookieMask: (0xff_ffffn << 40n) | REACTIVE };
}

const NAMESPACE_NUMBER = Number(NAMESPACE);

/** The app's number, by the cookie's upper half alone; -1 where it is not ours. */
export function appOfHalf(high: number): number {
  return high >>> 16 === NAMESPACE_NUMBER ? (high >>> 8) & 0xff : -1;
}
