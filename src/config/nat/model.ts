/** Address translation, as read from the file. Addresses and prefixes are of either family, in their one form (RFC 5952). */

import type { Source } from '../source.ts';

/** In the file's order: the first rule that applies decides. */
export type NatRule = NatExemption | SourceNat | Forward | OneToOne;

interface RuleOfInterface {
  source: Source;
  /** The rule in one line, as the user wrote it or as its object form reads. */
  text: string;
  router: string;
  /** The interface that has the public address, or by which packets leave. */
  interface: string;
}

/** The interface's first address of the rule's family, also where it follows the host's and changes. */
export type PrimaryAddress = 'primary';

/** First and last, both included. */
export type Ports = readonly [first: number, last: number];

/** What leaves as it is. */
export interface NatExemption extends RuleOfInterface {
  kind: 'exempt';
  /** Prefix of the inside addresses. */
  from: string;
  /** Prefix of the destinations; undefined: any. */
  to: string | undefined;
}

/** `masquerade` and `snat`. */
export interface SourceNat extends RuleOfInterface {
  kind: 'snat';
  /** Prefix of the inside addresses. */
  from: string;
  /** Public addresses, first and last. */
  to: readonly [first: string, last: string] | PrimaryAddress;
  ports: Ports;
}

export interface Forward extends RuleOfInterface {
  kind: 'forward';
  protocol: 'tcp' | 'udp';
  address: string | PrimaryAddress;
  ports: Ports;
  /** Prefix of those who may use it; undefined: anybody. */
  from: string | undefined;
  toAddress: string;
  /** As many as `ports`: the first goes to the first. */
  toPorts: Ports;
}

/** Both ways, all protocols: each address of `inside` is the one at the same place in `outside`. */
export interface OneToOne extends RuleOfInterface {
  kind: 'one-to-one';
  /** Prefixes of one length. */
  outside: string;
  inside: string;
}
