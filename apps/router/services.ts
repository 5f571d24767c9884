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

/**
 * Which addresses the interfaces of the routers on this switch have now. Where the file says `address: follow` that is what
 * the host at `self` was last seen with; it is known again after a restart as soon as `attach` runs, from the flows that
 * stand. When it is another, all apps on the switch hear `addressChanged({ router, interface })`, and ask anew.
 */
export interface RouterAddresses {
  /** Without prefix length, IPv4; undefined: the interface follows, and the host was not seen yet. */
  primary(router: string, interfaceName: string): string | undefined;
  /** With prefix length, of both families. */
  all(router: string, interfaceName: string): readonly string[];
}

export const addresses = defineService<RouterAddresses>('router.addresses');

export interface Send {
  /**
   * Sends a packet of the router's own, from one of its addresses, on the way that its routes say; past the firewall and NAT.
   * The frame's MAC addresses do not matter. False: the router is not on this switch, or has no way there.
   */
  send(router: string, to: string, frame: Uint8Array): boolean;
}

export const send = defineService<Send>('router.send');
