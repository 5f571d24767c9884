/** Addresses that are offered, or asked about before they are, each held for one client until it decides. */

import type { Asked } from './asked.ts';

export interface Offer {
  address: string;
  asked: Asked;
  until: number;
}

export interface Offers {
  get(address: string): Offer | undefined;
  /** What stands for the client. */
  of(client: string): Offer | undefined;
  /** For somebody else. */
  isHeld(address: string, client: string): boolean;
  hold(address: string, asked: Asked): void;
  drop(address: string): void;
  all(): Offer[];
}

/** Milliseconds. */
const STANDS = 60_000;

export function createOffers(now: () => number): Offers {
  const byAddress = new Map<string, Offer>();

  const offers: Offers = {
    get(address) {
      const offer = byAddress.get(address);
      if (offer === undefined || offer.until > now()) return offer;
      byAddress.delete(address);
      return undefined;
    },
    of: (client) => offers.all().find(({ asked }) => asked.message.client.key === client),
    isHeld(address, client) {
      const offer = offers.get(address);
      return offer !== undefined && offer.asked.message.client.key !== client;
    },
    hold(address, asked) {
      byAddress.set(address, { address, asked, until: now() + STANDS });
    },
    drop: (address) => void byAddress.delete(address),
    all: () => [...byAddress.keys()].flatMap((address) => offers.get(address) ?? []),
  };
  return offers;
}
