/** Whose the cookies of flows are, and why: told by who declares a flow of that cookie, else by the cookie alone. */

import type { Owner } from '../control/whose.ts';
import type { DesiredFlow } from '../flow/weave/weaver.ts';

export interface IntentOwners {
  /** By the halves of a cookie that a switch told: the sums that its flows belong to. */
  sumsOf(dpid: string, cookieHigh: number, cookieLow: number): { intent: string; app: string | undefined };
  /** A flow of that intent is known by name now. */
  named(dpid: string, identity: string, intent: string): void;
  /** As it is declared now: the line of the file may be another since the last time. */
  of(intent: string): Owner;
  set(intent: string, owner: Owner, aside?: boolean): void;
  /** Its packets are counted by another intent of the same text already. */
  isAside(intent: string): boolean;
}

export interface IntentOwnersOptions {
  ownerOf(dpid: string, cookie: bigint): Owner;
  desired(dpid: string, identity: string): DesiredFlow | undefined;
  /** Intents that are counted: others are forgotten. */
  counted: ReadonlyMap<string, unknown>;
}

/** Of flows that are not ours. */
const FOREIGN = 'foreign';
/** So many more than are counted. */
const SPARE = 1024;

export function createIntentOwners({ ownerOf, desired, counted }: IntentOwnersOptions): IntentOwners {
  const owners = new Map<string, Owner>();
  /** A flow of each intent: whoever declares it tells why. */
  const samples = new Map<string, [dpid: string, identity: string]>();

  const asides = new Set<string>();

  function resolve(intent: string): Owner {
    const [dpid = '', identity = ''] = samples.get(intent) ?? [];
    const flow = desired(dpid, identity);
    if (flow !== undefined && intentOf(flow.cookie) === intent) {
      if (flow.intent.counts === false) asides.add(intent);
      else asides.delete(intent);
      owners.set(intent, { app: flow.app, intent: flow.intent.text, source: flow.intent.source ?? null });
    }
    return owners.get(intent) ?? { app: null, intent: null, source: null };
  }

  return {
    sumsOf(dpid, cookieHigh, cookieLow) {
      const cookie = (BigInt(cookieHigh) << 32n) | BigInt(cookieLow);
      const owner = ownerOf(dpid, cookie);
      if (owner.app === null) return { intent: FOREIGN, app: undefined };
      const intent = intentOf(cookie);
      if (!owners.has(intent)) owners.set(intent, owner);
      return { intent, app: owner.app };
    },
    named(dpid, identity, intent) {
      samples.set(intent, [dpid, identity]);
      resolve(intent);
      if (owners.size <= 2 * counted.size + SPARE) return;
      for (const key of owners.keys()) {
        if (counted.has(key)) continue;
        owners.delete(key);
        samples.delete(key);
        asides.delete(key);
      }
    },
    of: resolve,
    set(intent, owner, aside = false) {
      owners.set(intent, owner);
      if (aside) asides.add(intent);
    },
    isAside: (intent) => asides.has(intent),
  };
}

function intentOf(cookie: bigint): string {
  return `0x${cookie.toString(16).padStart(16, '0')}`;
}
