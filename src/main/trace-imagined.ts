/**
 * On a file alone no switch has learned anything, and what is sent to a station would be flooded, or held until ARP is
 * answered. So those that the file names, and those that a packet is about, are taken as having been heard.
 */

import { holds, ipText, networkOf, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { TraceRequest } from '../api/trace.ts';
import type { Config, NatRule, Segment } from '../config/model.ts';
import { segmentsOf } from '../config/port-segments.ts';
import { ARP_REQUEST } from '../packet/arp.ts';
import { buildPacket } from '../packet/build.ts';
import { dissect } from '../packet/dissect.ts';
import {
  isOn,
  type Knowledge,
  type KnownStation,
  type KnownSwitch,
  type Place,
  portInFile,
  routersOn,
  taggedOn,
} from '../trace/knowledge.ts';
import { parsePacketWords } from '../trace/parse-packet.ts';

/** The file's stations that are heard before a packet is traced, at most. */
const MOST_HEARD = 100;

type Located = KnownStation & { at: KnownSwitch };

/** The switches with the stations that are behind their ports, and what was made up. */
export function withImagined(
  knowledge: Knowledge & { network: Config },
  request: TraceRequest,
): { knowledge: Knowledge; notes: string[] } {
  const { network, switches } = knowledge;
  const stations: Located[] = [];
  const notes: string[] = [];
  let made = 0;
  const madeMac = () => `02:00:00:00:01:${(++made & 0xff).toString(16).padStart(2, '0')}`;
  const places = switches.flatMap((at) => at.ports.map((port): Place => ({ at, port })));
  const add = ({ at, port }: Place, segment: Segment, address: string, mac: string | undefined) => {
    const behind = { addresses: [address], segment: segment.id, port: port.number, isHere: true };
    stations.push({ at, mac: mac ?? madeMac(), ...behind, isMadeUp: mac === undefined });
  };

  for (const place of places) {
    const written = portInFile(knowledge, place);
    const address = written?.addresses.find((each) => !each.includes('/'));
    if (written === undefined || address === undefined) continue;
    const { segment } = taggedOn(knowledge, written.vlans, undefined, [address]);
    if (segment !== undefined) add(place, segment, address, written.macs[0]);
  }
  for (const { address, mac } of wantedAddresses(network, request)) {
    const segment = network.segments.find((each) => isOn(knowledge, each, address));
    const isKnown = stations.some(({ addresses }) => addresses.includes(address));
    if (segment === undefined || isKnown || isRouters(network, segment, address)) continue;
    const free = places.find((place) => {
      const written = portInFile(knowledge, place);
      const isTaken = stations.some(({ at, port }) => at === place.at && port === place.port.number);
      return written !== undefined && !isTaken && segmentsOf(written).includes(segment.name);
    });
    if (free === undefined) continue;
    add(free, segment, address, mac);
    notes.push(`${address} is taken to be behind ${free.at.name}:${free.port.name}`);
  }
  const known = switches.map((at) => ({
    ...at,
    stations: stations.filter((each) => each.at === at).map(({ at: _, ...station }) => station),
  }));
  return { knowledge: { network, switches: known }, notes };
}

/** Where a packet goes, and the next hops on its way there. */
function wantedAddresses(network: Config, { words, frames }: TraceRequest): { address: string; mac?: string }[] {
  const wanted = words === undefined ? (frames ?? []).map(targetIn) : [{ address: targetOf(words) }];
  const found: { address: string; mac?: string }[] = [];
  for (const { address, ...rest } of wanted) {
    if (address === undefined) continue;
    found.push({ address, ...rest });
    for (const rule of network.nat) {
      const inside = insideOf(rule, address);
      if (inside !== undefined) found.push({ address: inside });
    }
    for (const via of nextHops(network, address)) found.push({ address: via });
  }
  return found;
}

/** Whom the rule leads to what comes for the address; undefined: nobody. */
function insideOf(rule: NatRule, address: string): string | undefined {
  if (rule.kind === 'forward') return rule.address === address ? rule.toAddress : undefined;
  if (rule.kind !== 'one-to-one') return undefined;
  const [ip, outside, inside] = [parseIp(address), parseIpPrefix(rule.outside), parseIpPrefix(rule.inside)];
  if (ip === undefined || outside === undefined || inside === undefined || !holds(outside, ip)) return undefined;
  const number = networkOf(inside).number + (ip.number - networkOf(outside).number);
  return ipText({ family: inside.family, number });
}

function targetOf(words: string): string | undefined {
  try {
    return parsePacketWords(words).target?.address;
  } catch {
    return undefined;
  }
}

function targetIn(digits: string): { address: string | undefined } {
  const { ipv4, ipv6 } = dissect(Uint8Array.from(Buffer.from(digits, 'hex')));
  return { address: ipv4?.dst ?? ipv6?.dst };
}

/** By each router's longest prefix. */
function nextHops({ routers }: Config, address: string): string[] {
  const ip = parseIp(address);
  if (ip === undefined) return [];
  return routers.flatMap(({ routes }) => {
    const fitting = routes.flatMap(({ prefix, hops }) => {
      const parsed = parseIpPrefix(prefix);
      return parsed !== undefined && holds(parsed, ip) ? [{ hops, length: parsed.length }] : [];
    });
    return fitting
      .toSorted((a, b) => b.length - a.length)
      .slice(0, 1)
      .flatMap(({ hops }) => hops.map((hop) => hop.address));
  });
}

function isRouters(network: Config, segment: Segment, address: string): boolean {
  return routersOn(network, segment).some(({ addresses }) => addresses.some((each) => each.startsWith(`${address}/`)));
}

/** ARP of each of them, and of who sends what is traced: to the router of the segment, where it has one. */
export function heardBefore(
  knowledge: Knowledge,
  asked: readonly { place: Place; frame: Uint8Array }[],
): { place: Place; frame: Uint8Array }[] {
  const heard: { place: Place; frame: Uint8Array }[] = [];
  for (const { place, frame } of asked) {
    const { eth, ipv4, arp, vlans } = dissect(frame);
    const address = ipv4?.src ?? arp?.senderAddress;
    if (eth === undefined || address === undefined) continue;
    const { segment } = taggedOn(knowledge, portInFile(knowledge, place)?.vlans, vlans[0]?.vid, [address]);
    if (segment === undefined || !isOn(knowledge, segment, address)) continue;
    heard.push({ place, frame: announcement(knowledge, segment, eth.src, address, vlans[0]?.vid) });
  }
  for (const at of knowledge.switches) {
    for (const { mac, addresses, segment: id, port: number } of at.stations) {
      const port = at.ports.find((each) => each.number === number);
      const segment = knowledge.network?.segments.find((each) => each.id === id);
      const [address] = addresses;
      if (port === undefined || segment === undefined || address === undefined || heard.length >= MOST_HEARD) continue;
      const { vlan } = taggedOn(knowledge, portInFile(knowledge, { at, port })?.vlans, undefined, [address]);
      heard.push({ place: { at, port }, frame: announcement(knowledge, segment, mac, address, vlan) });
    }
  }
  return heard;
}

function announcement(
  { network }: Knowledge,
  segment: Segment,
  mac: string,
  address: string,
  vlan: number | undefined,
): Uint8Array {
  const [router] = routersOn(network, segment).flatMap(({ addresses }) => addresses);
  const target = router === undefined ? address : router.slice(0, router.indexOf('/'));
  return buildPacket({
    ...(vlan === undefined ? {} : { vlans: [{ vid: vlan }] }),
    arp: { operation: ARP_REQUEST, senderMac: mac, senderAddress: address, targetAddress: target },
  });
}
