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

/** `lifetime`: of the router; 0 takes it back. */
export function advertisement(
  told: RouterAdvertisement,
  routerMac: string,
  receiver: Receiver = ALL_NODES,
  lifetime = told.lifetime,
): Uint8Array {
  const { managed, other: otherConfiguration } = told;
  return buildPacket({
    eth: { src: routerMac, dst: receiver.mac },
    ipv6: { src: linkLocalAddress(routerMac), dst: receiver.ip },
    icmpv6: {
      type: ND_TYPE.routerAdvertisement,
      nd: { hopLimit: HOP_LIMIT, managed, otherConfiguration, lifetime, options: optionsOf(told, routerMac) },
    },
  });
}

/** Who asked, where it may be told alone. */
export function solicitor({ eth, ipv6 }: Packet): Receiver | undefined {
  return eth === undefined || ipv6 === undefined || ipv6.src === '::' ? undefined : { ip: ipv6.src, mac: eth.src };
}

/** By RFC 4861 6.1.1 what is no sound solicitation is not answered. */
export function isSolicitation({ ipv6, icmpv6 }: Packet): boolean {
  return icmpv6?.type === ND_TYPE.routerSolicitation && icmpv6.nd !== undefined && ipv6?.hopLimit === 255;
}

function optionsOf(told: RouterAdvertisement, routerMac: string): NdOption[] {
  const { prefixes, validLifetime, preferredLifetime, mtu, dns, domains, lifetime } = told;
  const options = [linkLayerOption(ND_OPTION.sourceLinkLayer, routerMac)];
  if (mtu !== undefined) {
    options.push({ type: ND_OPTION.mtu, value: Buffer.concat([bytesOfNumber(0, 2), bytesOfNumber(mtu, 4)]) });
  }
  for (const { prefix, onLink, autonomous } of prefixes) {
    const flags = (onLink ? ON_LINK : 0) | (autonomous ? AUTONOMOUS : 0);
    const lifetimes = [validLifetime, preferredLifetime, 0].map((seconds) => bytesOfNumber(seconds, 4));
    const head = Uint8Array.of(prefixLengthOf(prefix), flags);
    options.push({ type: ND_OPTION.prefix, value: Buffer.concat([head, ...lifetimes, ipv6Bytes(addressOf(prefix))]) });
  }
  // As long as the router is one, and at least until the next advertisement but two.
  const seconds = Buffer.concat([bytesOfNumber(0, 2), bytesOfNumber(Math.max(lifetime, 1800), 4)]);
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
