/** Router advertisements (RFC 4861 4.2, 6.2; RFC 8106): what a segment's stations are told of IPv6, now and then and when asked. */

import {
  addressBits,
  addressOf,
  buildDnsName,
  buildPacket,
  linkLayerOption,
  linkLocalAddress,
  ND_OPTION,
  ND_TYPE,
  type NdOption,
  type Packet,
  prefixLengthOf,
  type RouterAdvertisement,
} from '../../src/index.ts';
import { bytesOfNumber } from './options.ts';

const ALL_NODES = { ip: 'ff02::1', mac: '33:33:00:00:00:01' } as const;
const HOP_LIMIT = 64;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;

export interface Receiver {
  ip: string;
  mac: string;
}

/** What stations were told before and no more: they are told that it is over, for else they would use it for hours. */
export type Former = Pick<RouterAdvertisement, 'prefixes' | 'dns' | 'domains'>;

export const NOTHING: Former = { prefixes: [], dns: [], domains: [] };

export function formerOf(before: Former, now: Former): Former {
  const isOver = ({ prefix }: { prefix: string }) => !now.prefixes.some((each) => each.prefix === prefix);
  return {
    prefixes: before.prefixes.filter(isOver),
    dns: before.dns.filter((each) => !now.dns.includes(each)),
    domains: before.domains.filter((each) => !now.domains.includes(each)),
  };
}

export function advertisement(
  told: RouterAdvertisement,
  routerMac: string,
  receiver: Receiver = ALL_NODES,
  former: Former = NOTHING,
): Uint8Array {
  const { managed, other: otherConfiguration, lifetime } = told;
  return buildPacket({
    eth: { src: routerMac, dst: receiver.mac },
    ipv6: { src: linkLocalAddress(routerMac), dst: receiver.ip },
    icmpv6: {
      type: ND_TYPE.routerAdvertisement,
      nd: { hopLimit: HOP_LIMIT, managed, otherConfiguration, lifetime, options: optionsOf(told, routerMac, former) },
    },
  });
}

/** Who asked, where it may be told alone. */
export function solicitor({ eth, ipv6 }: Packet): Receiver | undefined {
  return eth === undefined || ipv6 === undefined || ipv6.src === '::' ? undefined : { ip: ipv6.src, mac: eth.src };
}

/** By RFC 4861 6.1.1 what is no sound solicitation is not answered. */
export function isSolicitation({ ipv6, icmpv6 }: Packet): boolean {
  if (icmpv6?.type !== ND_TYPE.routerSolicitation || icmpv6.code !== 0 || ipv6?.hopLimit !== 255) return false;
  const { nd } = icmpv6;
  const isOfNobody = ipv6.src === '::' && nd?.options.some(({ type }) => type === ND_OPTION.sourceLinkLayer) === true;
  return nd !== undefined && !isOfNobody;
}

function optionsOf(told: RouterAdvertisement, routerMac: string, former: Former): NdOption[] {
  const { prefixes, validLifetime, preferredLifetime, mtu, lifetime } = told;
  const options = [linkLayerOption(ND_OPTION.sourceLinkLayer, routerMac)];
  if (mtu !== undefined) {
    options.push({ type: ND_OPTION.mtu, value: Buffer.concat([bytesOfNumber(0, 2), bytesOfNumber(mtu, 4)]) });
  }
  for (const each of prefixes) options.push(prefixOption(each, validLifetime, preferredLifetime));
  for (const each of former.prefixes) options.push(prefixOption(each, 0, 0));
  // As long as the router is one, and at least until the next advertisement but two.
  options.push(...namesOptions(told, Math.max(lifetime, 1800)), ...namesOptions(former, 0));
  return options;
}

type Prefix = RouterAdvertisement['prefixes'][number];

function prefixOption({ prefix, onLink, autonomous }: Prefix, valid: number, preferred: number): NdOption {
  const head = Uint8Array.of(prefixLengthOf(prefix), (onLink ? ON_LINK : 0) | (autonomous ? AUTONOMOUS : 0));
  const lifetimes = [valid, preferred, 0].map((seconds) => bytesOfNumber(seconds, 4));
  return { type: ND_OPTION.prefix, value: Buffer.concat([head, ...lifetimes, ipv6Bytes(addressOf(prefix))]) };
}

function namesOptions({ dns, domains }: Former, lifetime: number): NdOption[] {
  const seconds = Buffer.concat([bytesOfNumber(0, 2), bytesOfNumber(lifetime, 4)]);
  const options: NdOption[] = [];
  if (dns.length > 0) {
    options.push({ type: ND_OPTION.recursiveDnsServer, value: Buffer.concat([seconds, ...dns.map(ipv6Bytes)]) });
  }
  if (domains.length > 0) {
    const names = Buffer.concat(domains.map(buildDnsName));
    const padding = new Uint8Array((8 - (names.length % 8)) % 8);
    options.push({ type: ND_OPTION.dnsSearchList, value: Buffer.concat([seconds, names, padding]) });
  }
  return options;
}

function ipv6Bytes(address: string): Uint8Array {
  return Buffer.from(addressBits(address).toString(16).padStart(32, '0'), 'hex');
}
