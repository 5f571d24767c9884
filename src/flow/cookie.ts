/** The cookie of a flow, 64 bits: 16 namespace, 8 app, 40 intent. It tells whose a flow is and why it exists. */

import { createHash } from 'node:crypto';
import type { StateKind } from './flow.ts';

/** `0xf100`: Flowloom's, of the one owner that there is without a cluster. */
const NAMESPACE = 0xf100n;

/** App number of the weaver's own flows: the default misses. */
export const WEAVER = 0;

/** App numbers of what a switch learns by itself. */
export const STATE_APPS: Readonly<Record<StateKind, number>> = { mac: 0xe0, neighbour: 0xe1 };

export function cookieOf(app: number, intent: bigint): bigint {
  return (NAMESPACE << 48n) | (BigInt(app) << 40n) | intent;
}

export function isOurs(cookie: bigint): boolean {
  return cookie >> 48n === NAMESPACE;
}

/** State that the switch learned: ours, but never desired and never compared. */
export function isState(cookie: bigint): boolean {
  if (!isOurs(cookie)) return false;
  const app = appOf(cookie);
  return app === STATE_APPS.mac || app === STATE_APPS.neighbour;
}

export function appOf(cookie: bigint): number {
  return Number((cookie >> 40n) & 0xffn);
}

/** 39 bits of a hash of the intent's content, never of its line number: the same file gives the same cookies. */
export function intentId(app: string, text: string): bigint {
  const digest = createHash('sha256').update(`${app}\n${text}`).digest();
  return digest.readBigUInt64BE() >> 25n;
}

/** The 40th bit marks flows with a timeout: made from traffic, they outlive a restart of the controller. */
export const REACTIVE = 1n << 39n;

export function isReactive(cookie: bigint): boolean {
  return (cookie & REACTIVE) !== 0n;
}
