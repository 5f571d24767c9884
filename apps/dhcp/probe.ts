/** Asks on a segment whether somebody has an address, before it is given to somebody else (RFC 5227 2.1.1). */

import { ARP_REQUEST, BROADCAST_MAC, buildArp, type Timers } from '../../src/index.ts';
import type { ClientPlace } from './leases.ts';

export interface Prober {
  /**
   * `send` sends the question; `done` hears whose the address is, after half a second that it is nobody's. false: too much
   * is asked already.
   */
  ask(segment: string, address: string, mac: string, send: (frame: Uint8Array) => void, done: Done): boolean;
  /** Somebody says that it has the address. */
  heard(segment: string, address: string, holder: Holder): void;
}

/** Who has an address, and where. */
export interface Holder {
  mac: string;
  place: ClientPlace;
}

export type Done = (holder: Holder | undefined) => void;

const SECONDS = 0.5;
/** At once: who asks for ever new addresses costs no more than this. */
const MOST = 512;
const NOWHERE = '0.0.0.0';
const NO_MAC = '00:00:00:00:00:00';

export function createProber(timers: Timers): Prober {
  const waiting = new Map<string, { done: Done }>();
  return {
    ask(segment, address, mac, send, done) {
      const key = `${segment} ${address}`;
      if (waiting.has(key) || waiting.size >= MOST) return false;
      const mine = { done };
      waiting.set(key, mine);
      const question = { senderMac: mac, senderAddress: NOWHERE, targetMac: NO_MAC, targetAddress: address };
      send(buildArp({ operation: ARP_REQUEST, ...question }, BROADCAST_MAC));
      timers.after(SECONDS, () => {
        if (waiting.get(key) !== mine) return;
        waiting.delete(key);
        done(undefined);
      });
      return true;
    },
    heard(segment, address, holder) {
      const key = `${segment} ${address}`;
      const found = waiting.get(key);
      waiting.delete(key);
      found?.done(holder);
    },
  };
}
