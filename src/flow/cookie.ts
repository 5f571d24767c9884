/** The cookie of a flow, 64 bits: 16 namespace, 8 app, 40 intent. It tells whose a flow is and why it exists. */

import { hash } from 'node:crypto';
import type { Intent } from './flow.ts';
import type { Namespace } from './namespace.ts';

/** App number of the weaver's own flows: the default misses. */
export const WEAVER = 0;

/** Bits 39 and 38 of the intent say how a flow came to be; the rest is the hash of its content. */

/** It has a timeout: made from traffic, it outlives a restart of the controller. */
export const REACTIVE = 1n << 39n;

/** The switch learned it by itself. */
export const STATE = 1n << 38n;

export function cookieOf({ cookies }: Namespace, app: number, intent: bigint): bigint {
  return (BigInt(cookies * 0x100 + app) << 40n) | intent;
}

export function isOurs({ cookies }: Namespace, cookie: bigint): boolean {
  return Number(cookie >> 48n) === cookies;
}

/** Some bits of a cookie, and which. */
export interface CookieMask {
  cookie: bigint;
  cookieMask: bigint;
}

/** Matches the cookies of all that is ours. */
export function allOurs({ cookies }: Namespace): CookieMask {
  return { cookie: BigInt(cookies) << 48n, cookieMask: 0xffffn << 48n };
}

/** State that the switch learned: ours, but never desired and never compared. */
export function isState(namespace: Namespace, cookie: bigint): boolean {
  return isOurs(namespace, cookie) && (cookie & STATE) !== 0n;
}

/** Matches the cookies of all that switches learned for us. */
export function allLearned(namespace: Namespace): CookieMask {
  const { cookie, cookieMask } = allOurs(namespace);
  return { cookie: cookie | STATE, cookieMask: cookieMask | STATE };
}

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

/** 38 bits, as the cookie's halves have them. */
export interface IntentNumber {
  high: number;
  low: number;
}

/** Hashing is the dearest part of weaving a flow, and many flows have one intent. By app, then by text. */
const intentNumbers = new Map<string, Map<string, IntentNumber>>();
/** Flows of one intent come one behind the other. */
let last: { app: string; text: string; number: IntentNumber } | undefined;
/** Of one app. */
const MOST_KNOWN = 100_000;

/** What an intent's number follows from: its text, and what tells its flows from others with that text. */
export function intentContent({ text, ordinal = 1, counts }: Intent): string {
  if (ordinal === 1 && counts === undefined) return text;
  return `${text}\n${ordinal}${counts === false ? ' aside' : ''}`;
}

/** Of a hash of the intent's content, never of its line number: the same file gives the same cookies. */
export function intentNumber(app: string, text: string): IntentNumber {
  if (last !== undefined && text === last.text && app === last.app) return last.number;
  const number = knownOrHashed(app, text);
  last = { app, text, number };
  return number;
}

function knownOrHashed(app: string, text: string): IntentNumber {
  let own = intentNumbers.get(app);
  if (own === undefined) {
    own = new Map();
    intentNumbers.set(app, own);
  }
  const known = own.get(text);
  if (known !== undefined) return known;
  // One character for each byte: a buffer costs several times as much as the hash itself.
  const digest = hash('sha256', `${app}\n${text}`, 'binary');
  const first = wordOf(digest, 0);
  const number = { high: first >>> 26, low: ((first << 6) | (wordOf(digest, 4) >>> 26)) >>> 0 };
  if (own.size >= MOST_KNOWN) own.clear();
  own.set(text, number);
  return number;
}

function wordOf(digest: string, at: number): number {
  let word = 0;
  for (let i = at; i < at + 4; i++) word = (word << 8) | digest.charCodeAt(i);
  return word;
}

export function intentId(app: string, text: string): bigint {
  const { high, low } = intentNumber(app, text);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Matches the cookies of an app's flows that live by a timeout. */
export function reactiveOf(namespace: Namespace, app: number): CookieMask {
  return { cookie: cookieOf(namespace, app, REACTIVE), cookieMask: (0xff_ffffn << 40n) | REACTIVE };
}

/** The same of a cookie's upper half alone, where there are many. */
const REACTIVE_HALF = Number(REACTIVE >> 32n);
const STATE_HALF = Number(STATE >> 32n);

export function cookieHalfOf({ cookies }: Namespace, app: number, { high }: IntentNumber, isReactive: boolean): number {
  return ((cookies << 16) | (app << 8) | (isReactive ? REACTIVE_HALF : 0) | high) >>> 0;
}

export function isOursHalf({ cookies }: Namespace, high: number): boolean {
  return high >>> 16 === cookies;
}

export function isStateHalf(namespace: Namespace, high: number): boolean {
  return isOursHalf(namespace, high) && (high & STATE_HALF) !== 0;
}

export function isReactiveHalf(high: number): boolean {
  return (high & REACTIVE_HALF) !== 0;
}

/** The app's number; -1 where it is not ours. */
export function appOfHalf(namespace: Namespace, high: number): number {
  return isOursHalf(namespace, high) ? (high >>> 8) & 0xff : -1;
}
