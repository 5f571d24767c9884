/** What rules with `log` tell people of the packets that the switch sends because of them. */

import {
  type AppDatapath,
  type Config,
  describePacket,
  dissect,
  type FirewallLog,
  type Match,
  type PacketInEvent,
  type Tell,
  type TellFields,
} from '../../src/index.ts';
import type { Item } from './item.ts';
import { PROTOCOL_NAMES } from './protocol-names.ts';

export interface Journal {
  /** The file. */
  network: Config | undefined;
  /** False: it is no packet of a rule that logs. */
  write(packet: PacketInEvent): boolean;
}

/** The router itself. */
const FW = 255;

export function createJournal(
  dp: AppDatapath,
  itemAt: (packet: PacketInEvent, priority: number) => Item | undefined,
  { tell, unlogged, now }: { tell: Tell; unlogged: () => void; now: () => number },
): Journal {
  /** Of those that log less than the meters let pass, by their text. */
  const allowances = new Map<string, Allowance>();

  function mayTell({ text }: Item, log: FirewallLog): boolean {
    const { count, seconds, burst } = log.limit;
    if (count >= seconds) return true;
    const allowance = allowances.get(text) ?? { left: burst, at: now() };
    allowances.set(text, allowance);
    const time = now();
    allowance.left = Math.min(burst, allowance.left + ((time - allowance.at) / 1000 / seconds) * count);
    allowance.at = time;
    if (allowance.left < 1) return false;
    allowance.left--;
    return true;
  }

  const journal: Journal = {
    network: undefined,
    write(packet) {
      const priority = dp.read(packet.match, 'firewall.verdict') ?? 0;
      if (priority === 0) return false;
      const item = itemAt(packet, priority);
      // Its rule may have gone since.
      if (item?.log === undefined) return true;
      if (!mayTell(item, item.log)) {
        unlogged();
        return true;
      }
      const fields = fieldsOf(dp, journal.network, item, packet);
      const { prefix, level } = item.log;
      const words = `${item.action} from ${fields.from ?? 'no zone'} to ${fields.to ?? 'no zone'}`;
      tell(level, `${prefix === undefined ? '' : `${prefix}: `}${words}: ${describePacket(packet.data)}`, fields);
      return true;
    },
  };
  return journal;
}

interface Allowance {
  left: number;
  /** Milliseconds. */
  at: number;
}

function fieldsOf(dp: AppDatapath, network: Config | undefined, item: Item, packet: PacketInEvent): TellFields {
  const { match } = packet;
  const { ipv4, ipv6, tcp, udp, sctp, icmp, icmpv6 } = dissect(packet.data);
  const ports = tcp ?? udp ?? sctp;
  const protocol = ipv4?.protocol ?? ipv6?.protocol ?? null;
  const toZone = dp.read(match, 'egressZone') ?? 0;
  return {
    from: zoneName(network, dp.read(match, 'ingressZone') ?? 0),
    to: zoneName(network, toZone),
    verdict: item.action,
    rule: item.text,
    source: item.source,
    prefix: item.log?.prefix ?? null,
    src: ipv4?.src ?? ipv6?.src ?? null,
    dst: ipv4?.dst ?? ipv6?.dst ?? null,
    protocol: protocol === null ? null : (PROTOCOL_NAMES.get(protocol) ?? protocol),
    srcPort: ports?.srcPort ?? null,
    dstPort: ports?.dstPort ?? null,
    icmpType: icmp?.type ?? icmpv6?.type ?? null,
    length: packet.length,
    ...(isRouted(dp, match)
      ? {
          in: interfaceName(dp, network, dp.read(match, 'ingressSegment') ?? 0, match),
          out: toZone === FW ? null : interfaceName(dp, network, dp.read(match, 'segment') ?? 0, match),
        }
      : { in: portName(dp, packet.inPort), out: portName(dp, dp.read(match, 'outPort')) }),
  };
}

export function isRouted(dp: Pick<AppDatapath, 'read'>, match: Match): boolean {
  return (dp.read(match, 'router.number') ?? 0) !== 0;
}

/** `hv1/web1` */
function portName({ host, ports }: AppDatapath, number: number | undefined): string | null {
  const name = number === undefined ? undefined : ports.get(number)?.name;
  return name === undefined ? null : host === undefined ? name : `${host}/${name}`;
}

function zoneName(network: Config | undefined, number: number): string | null {
  if (number === FW) return 'fw';
  return network?.firewall?.zones.find((zone) => zone.number === number)?.name ?? null;
}

/** `edge/net`, by the segment that it lies on. */
function interfaceName(
  dp: AppDatapath,
  network: Config | undefined,
  id: number,
  match: PacketInEvent['match'],
): string | null {
  const segment = network?.segments.find((each) => each.id === id)?.name;
  const number = dp.read(match, 'router.number');
  for (const { name, interfaces } of network?.routers ?? []) {
    const found = interfaces.find((each) => each.segment === segment);
    if (found !== undefined && dp.ctZone(`router ${name}`) === number) return `${name}/${found.name}`;
  }
  return null;
}
