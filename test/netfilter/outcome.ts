/** What came of a packet, read from the frames that came to the guests; and whether that is what was expected. */

import { type Packet as Dissected, dissect } from '../../src/packet/dissect.ts';
import { behind, type Network, type Outcome, type Packet } from './network.ts';
import type { Sending } from './plan.ts';

export interface Arrived {
  /** The guest at whose port it came. */
  at: string;
  frame: Uint8Array;
}

const PORT_UNREACHABLE = { 4: 3, 6: 4 } as const;

/** Frames of ARP and of neighbour discovery are passed over. */
export function outcomeOf(network: Network, sending: Sending, arrived: readonly Arrived[]): Outcome {
  for (const { at, frame } of arrived) {
    const outcome = read(network, sending, at, dissect(frame));
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'dropped' };
}

function read(network: Network, sending: Sending, at: string, got: Dissected): Outcome | undefined {
  const ip = got.ipv4 ?? got.ipv6;
  if (ip === undefined) return undefined;
  const isBack = at === sending.from && !sending.error;
  const where = behind(network, at).name;
  const error = got.icmp?.type === 3 ? got.icmp : got.icmpv6?.type === 1 ? got.icmpv6 : undefined;
  if (error !== undefined) {
    const about = packetOf(got.quoted);
    if (about === undefined) return undefined;
    if (!isBack || sending.error) return { kind: 'error delivered', at: where, about };
    if (error.code === 0) return { kind: 'no route' };
    return error.code === PORT_UNREACHABLE[network.family] ? { kind: 'port unreachable' } : { kind: 'dropped' };
  }
  const packet = packetOf(got);
  if (packet === undefined) return undefined;
  const isReset = got.tcp?.flags.includes('rst') === true;
  if (isReset) return { kind: 'reset' };
  const isReply = got.icmp?.type === 0 || got.icmpv6?.type === 129;
  if (isBack && isReply && packet.src === sending.packet.dst && packet.dst === sending.packet.src)
    return { kind: 'pong' };
  return { kind: 'delivered', at: where, packet };
}

function packetOf(got: Dissected | undefined): Packet | undefined {
  const ip = got?.ipv4 ?? got?.ipv6;
  if (got === undefined || ip === undefined) return undefined;
  const { src, dst } = ip;
  const ports = got.tcp ?? got.udp;
  if (ports !== undefined) {
    return {
      protocol: got.tcp === undefined ? 'udp' : 'tcp',
      src,
      dst,
      srcPort: ports.srcPort,
      dstPort: ports.dstPort,
    };
  }
  const identifier = got.icmp?.identifier ?? got.icmpv6?.identifier;
  return identifier === undefined
    ? undefined
    : { protocol: 'icmp', src, dst, srcPort: identifier, dstPort: identifier };
}

/** One line where they differ. */
export function deviation({ step, from, packet, expected }: Sending, found: Outcome): string | undefined {
  if (expected.kind === 'local') return undefined;
  if (JSON.stringify(sorted(expected)) === JSON.stringify(sorted(found))) return undefined;
  const { protocol, src, dst, srcPort, dstPort } = packet;
  return `step ${step}: ${from} sends ${protocol} ${src} ${srcPort} → ${dst} ${dstPort}: expected ${tell(expected)}, found ${tell(found)}`;
}

function sorted(outcome: Outcome): unknown {
  return Object.entries(outcome)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, typeof value === 'object' ? Object.entries(value).toSorted() : value]);
}

function tell(outcome: Outcome): string {
  const packet =
    outcome.kind === 'delivered' ? outcome.packet : outcome.kind === 'error delivered' ? outcome.about : undefined;
  if (packet === undefined) return outcome.kind;
  const { protocol, src, dst, srcPort, dstPort } = packet;
  return `${outcome.kind} at ${(outcome as { at: string }).at}: ${protocol} ${src} ${srcPort} → ${dst} ${dstPort}`;
}
