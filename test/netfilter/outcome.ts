/** What came of a packet, read from the frames that came to the guests; and whether that is what was expected. */

import { type Packet as Dissected, dissect } from '../../src/packet/dissect.ts';
import { isAmong } from './connection.ts';
import { type Network, type Outcome, type Packet, type Refusal, reversed, same, tellPacket } from './network.ts';
import { FIRST_TTL, type Sending } from './sending.ts';

export interface Arrived {
  /** The guest at whose port it came. */
  at: string;
  frame: Uint8Array;
  /** False: it was for somebody else's MAC address. */
  isTaken: boolean;
}

export interface Found {
  outcome: Outcome;
  /** What ought not to have come besides, or not like this; a line each. */
  wrong: string[];
}

/** By the codes of ICMP's and ICMPv6's unreachable. */
const CODES: Record<4 | 6, Record<number, Refusal>> = {
  4: { 0: 'no route', 1: 'host unreachable', 3: 'port unreachable', 13: 'prohibited' },
  6: { 0: 'no route', 1: 'prohibited', 3: 'host unreachable', 4: 'port unreachable' },
};

/** Frames of ARP and of neighbour discovery are passed over. */
export function outcomeOf(network: Network, sending: Sending, arrived: readonly Arrived[]): Found {
  const wrong: string[] = [];
  let outcome: Outcome | undefined;
  for (const { at, frame, isTaken } of arrived) {
    const got = dissect(frame);
    const read = readFrame(network, sending, at, got);
    if (read === undefined) continue;
    if (!isTaken) wrong.push(`a copy for somebody else left at ${at}: ${tell(read)}`);
    else if (outcome === undefined) {
      outcome = read;
      const ttl = got.ipv4?.ttl ?? got.ipv6?.hopLimit ?? 0;
      const isPassedOn = read.kind === 'delivered' || read.kind === 'error delivered';
      if (isPassedOn && ttl !== FIRST_TTL - (sending.neighbour === undefined ? 1 : 0)) wrong.push(`its TTL is ${ttl}`);
      if (read.kind !== 'delivered' && at !== sending.from && !isPassedOn && !sending.isWrong)
        wrong.push(`the answer came to ${at}`);
    } else if (!isEcho(sending, got)) wrong.push(`besides it came ${tell(read)}`);
  }
  return { outcome: outcome ?? { kind: 'dropped' }, wrong };
}

/** Guests answer ping by themselves. */
function isEcho({ packet, begins, errorFrom }: Sending, { icmp, icmpv6 }: Dissected): boolean {
  const isReply = icmp?.type === 0 || icmpv6?.type === 129;
  return packet.protocol === 'icmp' && begins && errorFrom === undefined && isReply;
}

function readFrame(network: Network, sending: Sending, at: string, got: Dissected): Outcome | undefined {
  const ip = got.ipv4 ?? got.ipv6;
  if (ip === undefined || got.icmpv6?.nd !== undefined) return undefined;
  const error = got.icmp?.type === 3 ? got.icmp : got.icmpv6?.type === 1 ? got.icmpv6 : undefined;
  if (error !== undefined) {
    const about = packetOf(got.quoted);
    if (about === undefined) return undefined;
    if (sending.errorFrom !== undefined) return { kind: 'error delivered', at, about };
    const how = CODES[network.family][error.code];
    return how === undefined ? undefined : { kind: 'refused', how, about };
  }
  const packet = packetOf(got);
  if (packet === undefined) return undefined;
  const isAnswer = same(reversed(packet), sending.packet);
  if (isAnswer && got.tcp?.flags.includes('rst') === true)
    return { kind: 'refused', how: 'reset', about: reversed(packet) };
  if (isAnswer && sending.begins && (got.icmp?.type === 0 || got.icmpv6?.type === 129)) return { kind: 'pong' };
  return { kind: 'delivered', at, packet };
}

function packetOf(got: Dissected | undefined): Packet | undefined {
  const ip = got?.ipv4 ?? got?.ipv6;
  if (got === undefined || ip === undefined) return undefined;
  const { src, dst } = ip;
  const ports = got.tcp ?? got.udp;
  if (ports !== undefined) {
    const { srcPort, dstPort } = ports;
    return { protocol: got.tcp === undefined ? 'udp' : 'tcp', src, dst, srcPort, dstPort };
  }
  if (got.icmp === undefined && got.icmpv6 === undefined)
    return { protocol: 'other', src, dst, srcPort: ip.protocol, dstPort: ip.protocol };
  const identifier = got.icmp?.identifier ?? got.icmpv6?.identifier;
  return identifier === undefined
    ? undefined
    : { protocol: 'icmp', src, dst, srcPort: identifier, dstPort: identifier };
}

/** Whether it is what was expected, or within what may be chosen. */
export function isExpected({ expected: { outcome, choice, mayBeDropped } }: Sending, found: Outcome): boolean {
  if (mayBeDropped === true && found.kind === 'dropped') return true;
  if (outcome.kind === 'local') return found.kind === 'dropped';
  if (choice !== undefined && outcome.kind === 'delivered' && found.kind === 'delivered') {
    return found.at === outcome.at && isAmong(choice, outcome.packet, found.packet);
  }
  return JSON.stringify(sorted(outcome)) === JSON.stringify(sorted(found));
}

function sorted(outcome: Outcome): unknown {
  return Object.entries(outcome)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, typeof value === 'object' ? Object.entries(value).toSorted() : value]);
}

export function tell(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `delivered to ${outcome.at}: ${tellPacket(outcome.packet)}`;
    case 'error delivered':
      return `an error delivered to ${outcome.at} about ${tellPacket(outcome.about)}`;
    case 'refused':
      return `${outcome.how} about ${tellPacket(outcome.about)}`;
    default:
      return outcome.kind;
  }
}

export function tellSending({ step, from, packet, errorFrom, flags, payload, begins }: Sending): string {
  const what = errorFrom === undefined ? 'sends' : `sends an error from ${errorFrom} about`;
  const more = [
    ...(packet.protocol === 'tcp' ? [flags.join('+') || 'no flags'] : []),
    ...(packet.protocol === 'icmp' ? [begins ? 'request' : 'reply'] : []),
    `${payload} bytes`,
  ];
  return `step ${step}: ${from} ${what} ${tellPacket(packet)} (${more.join(', ')})`;
}
