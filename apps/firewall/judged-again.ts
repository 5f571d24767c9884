/**
 * Answers in a connection whose rule has another number now (a drop above it is new), before the side that began it sends
 * again: what the rules say of the connection is looked up here, and where they still accept it conntrack is told so. The
 * switch itself cannot, because an answer does not show what its connection began with.
 */

import {
  type AppDatapath,
  addressOf,
  buildPacket,
  ct,
  dissect,
  type FirewallAddresses,
  type FirewallSet,
  familyOf,
  IP_PROTOCOL,
  overlaps,
  type PacketInEvent,
  type Service,
  set,
} from '../../src/index.ts';
import type { Destinations } from '../nat/services.ts';
import type { Item } from './item.ts';

/** `firewall.verdict` of such an answer: no rule or policy has this priority. */
export const AGAIN = 1;
/** Bytes of it: its headers. */
export const AGAIN_BYTES = 128;

/** A connection as it began, behind forwards. */
interface Connection {
  protocol: number;
  src: string;
  dst: string;
  /** Ports; of ICMP the type and code. */
  numbers: [source: number, destination: number];
  /** As it was sent: where it went before a forward led it elsewhere. */
  sent: { address: string; port: number };
  from: number;
  to: number;
  /** It goes back by the segment that it came from. */
  segment: number | undefined;
}

export interface Judged {
  item: Item;
  id: number;
}

export interface JudgedAgain {
  /** False: it is no such answer. */
  take(packet: PacketInEvent, judged: readonly Judged[], sets: readonly FirewallSet[]): boolean;
}

export function createJudgedAgain(
  dp: Pick<AppDatapath, 'read' | 'packetOut'>,
  destinations: () => Destinations | undefined,
): JudgedAgain {
  return {
    take(packet, judged, sets) {
      if (dp.read(packet.match, 'firewall.verdict') !== AGAIN) return false;
      const connection = connectionOf(dp, packet, destinations());
      const zone = packet.match.ctZone;
      if (connection === undefined || typeof zone !== 'number') return true;
      const first = judged.find(({ item }) => decides(item, connection, sets));
      if (first?.item.action !== 'accept') return true;
      const mark = set({ 'firewall.allowed': 1, 'firewall.rule': first.id });
      dp.packetOut({ data: beginning(connection, packet.data), actions: [ct({ zone, commit: true, set: mark })] });
      return true;
    },
  };
}

function connectionOf(
  dp: Pick<AppDatapath, 'read'>,
  { match }: PacketInEvent,
  destinations: Destinations | undefined,
): Connection | undefined {
  const { ctNwProto: protocol, ctTpSrc = 0, ctTpDst = 0 } = match;
  const src = match.ctNwSrc ?? match.ctIpv6Src;
  const dst = match.ctNwDst ?? match.ctIpv6Dst;
  if (typeof protocol !== 'number' || typeof src !== 'string' || typeof dst !== 'string') return undefined;
  if (typeof ctTpSrc !== 'number' || typeof ctTpDst !== 'number') return undefined;
  const rule = dp.read(match, 'nat.rule') ?? 0;
  const number = dp.read(match, 'router.number') ?? 0;
  const sent = { protocol, address: dst, port: ctTpDst };
  const led = rule === 0 ? sent : destinations?.of(number, rule, sent);
  if (led === undefined) return undefined;
  const [here, there] = [dp.read(match, 'segment'), dp.read(match, 'ingressSegment')];
  return {
    ...{ protocol, src, dst: led.address, numbers: [ctTpSrc, led.port ?? ctTpDst], sent },
    from: dp.read(match, 'egressZone') ?? 0,
    to: dp.read(match, 'ingressZone') ?? 0,
    segment: number !== 0 && here === there ? here : undefined,
  };
}

/** It is about this connection. What looks at a packet's size decides about no connection that is known. */
function decides(item: Item, connection: Connection, sets: readonly FirewallSet[]): boolean {
  const { from, to, back, over, services, fromAddresses, toAddresses } = item;
  if (over !== undefined || (back !== undefined && back.segment !== connection.segment)) return false;
  if ((from !== undefined && from.number !== connection.from) || (to !== undefined && to.number !== connection.to)) {
    return false;
  }
  return (
    (services?.some((service) => isOf(service, connection)) ?? true) &&
    isAmong(connection.src, fromAddresses, sets) &&
    isAmong(connection.dst, toAddresses, sets)
  );
}

function isOf({ protocol, family, ports, sourcePorts, types }: Service, connection: Connection): boolean {
  const [source, destination] = connection.numbers;
  if (protocol !== connection.protocol) return false;
  if (family !== undefined && family !== familyOf(connection.src)) return false;
  if (types.length > 0) return types.includes(source);
  return isIn(sourcePorts, source) && isIn(ports, destination);
}

function isIn(ports: Service['ports'], port: number): boolean {
  return ports.length === 0 || ports.some(([first, last]) => first <= port && port <= last);
}

function isAmong(address: string, addresses: FirewallAddresses | undefined, sets: readonly FirewallSet[]): boolean {
  if (addresses === undefined) return true;
  const members = sets.filter(({ name }) => addresses.sets.includes(name)).flatMap((each) => each.members);
  const prefixes = [...addresses.prefixes, ...members.map(({ prefix }) => prefix)];
  return prefixes.some((prefix) => familyOf(addressOf(prefix)) === familyOf(address) && overlaps(prefix, address));
}

/** A packet by which conntrack knows the connection, the way that it began; it goes nowhere. */
function beginning({ protocol, src, numbers: [source], sent }: Connection, answer: Uint8Array): Uint8Array {
  const { tcp, icmp, icmpv6 } = dissect(answer);
  const tuple = { src, dst: sent.address, protocol };
  const ends = familyOf(src) === 4 ? { ipv4: tuple } : { ipv6: tuple };
  const ports = { srcPort: source, dstPort: sent.port };
  const query = { type: source, code: sent.port, identifier: (icmp ?? icmpv6)?.identifier ?? 0, sequence: 0 };
  switch (protocol) {
    case IP_PROTOCOL.tcp: {
      const { acknowledgement: sequence = 0, sequence: acknowledgement = 0 } = tcp ?? {};
      return buildPacket({ eth: {}, ...ends, tcp: { ...ports, flags: ['ack'], sequence, acknowledgement } });
    }
    case IP_PROTOCOL.udp:
      return buildPacket({ eth: {}, ...ends, udp: ports });
    case IP_PROTOCOL.icmp:
      return buildPacket({ eth: {}, ...ends, icmp: query });
    case IP_PROTOCOL.icmpv6:
      return buildPacket({ eth: {}, ...ends, icmpv6: query });
    default:
      return buildPacket({ eth: {}, ...ends });
  }
}
