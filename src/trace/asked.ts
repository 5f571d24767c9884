/** A packet in words on its way to its bytes: what is known, what it says, and what was taken where it says nothing. */

import type { Knowledge, Place } from './knowledge.ts';
import type { PacketWords } from './packet-words.ts';

export interface Asked {
  knowledge: Knowledge;
  words: PacketWords;
  place: Place;
  /** One line each. */
  taken: string[];
}

export interface Sender {
  mac: string;
  address: string;
}

/** For documentation (RFC 5737, RFC 3849). */
export const SOME_ADDRESS = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
