/** What the router offers other apps on its switch: `import { resolve } from 'flowloom/apps/router'`. */

import { defineService, type IcmpErrorKind, type PacketInEvent } from '../../src/index.ts';

export interface Resolve {
  /** Asks for a station by ARP. The switch learns the answer by itself, and packets to the station need not wait for it. */
  ask(segment: number, address: string): void;
}

export const resolve = defineService<Resolve>('router.resolve');

/** How a packet may be refused: an ICMP error (RFC 1812 5.2.7, RFC 4443 3), or a reset (RFC 9293 3.10.7.1). */
export type RejectKind = Exclude<IcmpErrorKind, 'too-big' | 'time-exceeded'> | 'tcp-reset';

export interface Rejected {
  /** One that was punted at the stage `firewall`, or at `bridged-firewall`; as it came to the app. */
  packet: Pick<PacketInEvent, 'data' | 'inPort' | 'match'>;
  /** A reset where the packet is no TCP is a `port-unreachable`. */
  kind: RejectKind;
}

export interface Answer {
  /**
   * Tells the sender of a packet that it is refused, the way that the packet came, and with its addresses as they were before
   * NAT. False: nothing may be sent about it (as about an ICMP error, a reset, a later fragment), or the rate is exceeded.
   */
  reject(rejected: Rejected): boolean;
}

export const answer = defineService<Answer>('router.answer');
