/** What a `ct` action asks of conntrack (ovs-actions(7), "The ct action"). */

export interface NatRequest {
  /** Translate the source, or the destination; neither: as the connection already says. */
  src?: boolean;
  dst?: boolean;
  /** Range of addresses, unsigned words, most significant first: one of IPv4, four of IPv6. All zeros: keep it. */
  addressMin?: readonly number[];
  /** Default: `addressMin` alone. */
  addressMax?: readonly number[];
  portMin?: number;
  /** Default: `portMin` alone. */
  portMax?: number;
  /** Open vSwitch 3.1's userspace datapath takes these three and does the same with each. */
  persistent?: boolean;
  hash?: boolean;
  random?: boolean;
}

export interface TrackRequest {
  zone: number;
  commit: boolean;
  /** The packet comes back to the tables with what conntrack says of it. */
  comesBack?: boolean;
  /** Committed anew where the packet is of the other direction; only with `commit`. */
  force: boolean;
  mark?: { value: number; mask: number };
  /** Four words each, most significant first. */
  label?: { value: readonly number[]; mask: readonly number[] };
  nat?: NatRequest;
  /** Port of a helper (21, 69). None is simulated: as without. */
  alg?: number;
}
