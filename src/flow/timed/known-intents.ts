/** Why there are flows with a timeout, known by their cookies: of all that stand, and of some that are gone. */

import type { Intent } from '../flow.ts';

/** Whose a flow is, and what for. */
export interface KnownIntent {
  app: string;
  intent: Intent;
}

export interface KnownIntents {
  remember(cookie: bigint, app: string, intent: Intent): void;
  of(cookie: bigint): KnownIntent | undefined;
  /** Of the flow-mod that these bytes are the first of, as an error gives it back. */
  inFlowMod(bytes: Uint8Array): KnownIntent | undefined;
}

/** In a flow-mod. */
const COOKIE = 8;
const FLOW_MOD = 14;
/** Beyond so many, only those of flows that stand. */
const MOST_INTENTS = 16_384;

/** `standing`: the cookies of flows that may stand. */
export function createKnownIntents(standing: () => Iterable<bigint>): KnownIntents {
  const intents = new Map<bigint, KnownIntent>();
  let mostIntents = MOST_INTENTS;
  return {
    remember(cookie, app, intent) {
      intents.set(cookie, { app, intent });
      if (intents.size <= mostIntents) return;
      const used = new Set(standing()).add(cookie);
      for (const known of intents.keys()) if (!used.has(known)) intents.delete(known);
      mostIntents = Math.max(MOST_INTENTS, 2 * intents.size);
    },
    of: (cookie) => intents.get(cookie),
    inFlowMod(bytes) {
      if (bytes.length < COOKIE + 8 || bytes[1] !== FLOW_MOD) return undefined;
      return intents.get(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(COOKIE));
    },
  };
}
