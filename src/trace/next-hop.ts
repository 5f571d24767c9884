/** To which MAC address a packet goes: the router's of its segment, a station's, that of a group. */

import { ipv4Number, ipv6Bytes, macText } from '../../proto/wire/address.ts';
import { holds, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { Segment } from '../config/model.ts';
import { proxiedPrefixes } from '../config/nat/proxied.ts';
import { BROADCAST_MAC } from '../packet/ethernet.ts';
import type { Asked } from './asked.ts';
import { isOn, type Knowledge, routersOn, stationsWith } from './knowledge.ts';
import type { Kind } from './packet-words.ts';

/** Locally administered: nobody's. */
const SOME_STATION = '02:00:00:00:00:02';

/** MAC address that a frame to the target gets, as its sender would choose it. */
export function nextHop(
  { knowledge, taken }: Asked,
  kind: Kind,
  segment: Segment | undefined,
  target: string | undefined,
  source: string,
): string {
  if (kind === 'arp' || kind === 'eth' || target === undefined) return BROADCAST_MAC;
  const group = kind === 'nd' ? groupMac(solicitedNode(target)) : groupMac(target);
  if (group !== undefined) return group;
  const take = (mac: string, why: string) => {
    taken.push(`to MAC ${mac}: ${why}`);
    return mac;
  };
  const routers = segment === undefined ? [] : routersOn(knowledge.network, segment);
  const itself = routers.find(({ addresses }) => addresses.some((each) => each.startsWith(`${target}/`)));
  if (itself !== undefined) return take(itself.mac, `${target} is router ${itself.router}`);
  const translated = segment === undefined ? undefined : publicAddress(knowledge, segment, target);
  const translator = routers.find((each) => each.router === translated?.router);
  if (translated !== undefined && translator !== undefined)
    return take(translator.mac, `router ${translator.router} answers for ${target}: ${translated.text}`);
  const isNear = segment === undefined || routers.length === 0 || isOn(knowledge, segment, target);
  const [router] = routers;
  if (!isNear && router !== undefined) return take(router.mac, `${target} is reached by router ${router.router}`);
  const station = stationsWith(knowledge, segment).find(
    ({ mac, addresses }) => mac !== undefined && addresses.includes(target),
  );
  if (station?.mac !== undefined) return take(station.mac, `${target} has it`);
  return take(SOME_STATION, `nobody with ${target} is known${target === source ? ' beside the sender' : ''}`);
}

/** Of NAT, on this segment: the router that answers for it, and the rule. */
function publicAddress(
  { network }: Knowledge,
  segment: Segment,
  target: string,
): { router: string; text: string } | undefined {
  const ip = parseIp(target);
  if (ip === undefined) return undefined;
  for (const router of network?.routers ?? []) {
    for (const { interface: name, prefix, text } of proxiedPrefixes(network?.nat ?? [], router)) {
      const isHere = router.interfaces.some((each) => each.name === name && each.segment === segment.name);
      if (isHere && holds(parseIpPrefix(prefix)!, ip)) return { router: router.name, text };
    }
  }
  return undefined;
}

/** Of multicast and broadcast (RFC 1112 6.4, RFC 2464 7). */
function groupMac(address: string): string | undefined {
  const number = ipv4Number(address);
  if (number === 0xffff_ffff) return BROADCAST_MAC;
  if (number !== undefined) {
    if (number >>> 28 !== 0xe) return undefined;
    return macText(Uint8Array.of(0x01, 0x00, 0x5e, (number >>> 16) & 0x7f, (number >>> 8) & 0xff, number & 0xff));
  }
  const bytes = ipv6Bytes(address);
  return bytes?.[0] === 0xff ? macText(Uint8Array.of(0x33, 0x33, ...bytes.subarray(12))) : undefined;
}

/** RFC 4291 2.7.1. */
export function solicitedNode(address: string): string {
  const bytes = ipv6Bytes(address) ?? new Uint8Array(16);
  const hex = (at: number) => bytes[at]!.toString(16).padStart(2, '0');
  return `ff02::1:ff${hex(13)}:${hex(14)}${hex(15)}`;
}
