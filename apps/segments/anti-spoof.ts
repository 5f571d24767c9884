/**
 * What a port with `address` or `mac` may send: an address given is an address enforced, in Ethernet, IP, ARP (RFC 826) and
 * neighbour discovery (RFC 4861). Nor may it pose as a router or as a DHCP server, unless it `serves` as one.
 */

import {
  type AppFlow,
  type AppMatch,
  drop,
  ETHER_TYPE,
  familyOf,
  IP_PROTOCOL,
  inPrefix,
  next,
  type Port,
  sourceIn,
} from '../../src/index.ts';
import { linkLocalOf } from './link-local.ts';

type Flows = [key: string, flow: AppFlow][];

const ARP = { ethType: ETHER_TYPE.arp } as const;
const UDP4 = { ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.udp } as const;
const UDP6 = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.udp } as const;
const ICMPV6 = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6 } as const;

const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const REDIRECT = 137;
/** Multicast listeners (RFC 2710, RFC 3810). */
const LISTENER_TYPES = [131, 132, 143];
/** An option for a MAC that is not there. */
const NO_MAC = '00:00:00:00:00:00';

const GUARD = 130;
const DISCOVERY = 120;
const ALLOWED = 100;
const REST = 90;

export function antiSpoof(number: number, port: Port): Flows {
  const { macs, addresses, name, source } = port;
  if (macs.length === 0 && addresses.length === 0) return [];
  const flows: Flows = [];
  const text = `port ${name} sends from ${[...macs, ...addresses].join(', ')} only`;
  const add = (what: string, priority: number, match: AppMatch, passes: boolean, why = text) =>
    flows.push([
      `${what} ${number}`,
      {
        priority,
        match: { inPort: number, ...match },
        actions: passes ? [next()] : drop(),
        intent: { text: why, source },
      },
    ]);

  for (const [what, match] of guarded(port)) add(what, GUARD, match, false, `port ${name} ${what}`);
  for (const mac of macs.length === 0 ? [undefined] : macs) {
    const own = mac === undefined ? '' : ` of ${mac}`;
    const from: AppMatch = mac === undefined ? {} : { ethSrc: mac };
    if (addresses.length === 0) {
      add(`mac${own}`, ALLOWED, from, true);
      add(`arp${own}`, DISCOVERY, { ...ARP, ...from, arpSha: mac! }, true);
    }
    const ipv4 = addresses.filter((each) => familyOf(each) === 4);
    const sha: AppMatch = mac === undefined ? {} : { arpSha: mac };
    for (const address of ipv4) {
      add(`ip ${address}${own}`, ALLOWED, { ...from, ...sourceIn(address) }, true);
      add(`arp ${address}${own}`, DISCOVERY, { ...ARP, ...from, ...sha, arpSpa: inPrefix(address) }, true);
      const probe: AppMatch = { ...ARP, ...from, ...sha, arpSpa: '0.0.0.0', arpTpa: inPrefix(address) };
      add(`arp probe ${address}${own}`, DISCOVERY, probe, true);
    }
    if (ipv4.length > 0)
      add(`dhcp${own}`, ALLOWED, { ...UDP4, ...from, ipv4Src: '0.0.0.0', udpSrc: 68, udpDst: 67 }, true);
    const ipv6 = addresses.filter((each) => familyOf(each) === 6);
    if (ipv6.length > 0) for (const each of [...ipv6, linkLocalOf(mac)]) addIpv6(each, mac, own, from);
    if (ipv6.length > 0) {
      for (const type of [ROUTER_SOLICITATION, ...LISTENER_TYPES]) {
        add(`icmpv6 ${type}${own}`, ALLOWED, { ...ICMPV6, ...from, icmpv6Type: type, ipv6Src: '::' }, true);
      }
    } else if (addresses.length === 0) {
      for (const match of discoveryFrom(mac!))
        add(`nd ${JSON.stringify(match)}${own}`, DISCOVERY, { ...from, ...match }, true);
    }
  }
  // Below what is allowed of them, above what IP alone allows.
  if (addresses.length === 0) add('arp that lies', DISCOVERY - 1, ARP, false);
  for (const type of has(port, 6) ? [SOLICITATION, ADVERTISEMENT] : []) {
    add(`nd ${type} that lies`, DISCOVERY - 1, { ...ICMPV6, icmpv6Type: type }, false);
  }
  add('spoof', REST, {}, false);
  return flows;

  function addIpv6(address: string, mac: string | undefined, own: string, from: AppMatch): void {
    const ip = sourceIn(address);
    add(`ip ${address}${own}`, ALLOWED, { ...from, ...ip }, true);
    const target = { ipv6NdTarget: inPrefix(address) };
    const options = mac === undefined ? [undefined] : [mac, NO_MAC];
    for (const option of options) {
      const of = option === NO_MAC ? ' without option' : '';
      const solicits: AppMatch = { ...ICMPV6, ...from, icmpv6Type: SOLICITATION, ...(option && { ipv6NdSll: option }) };
      add(`solicitation ${address}${own}${of}`, DISCOVERY, { ...solicits, ...ip }, true);
      const advertises: AppMatch = {
        ...ICMPV6,
        ...from,
        icmpv6Type: ADVERTISEMENT,
        ...(option && { ipv6NdTll: option }),
      };
      add(`advertisement ${address}${own}${of}`, DISCOVERY, { ...advertises, ...target }, true);
    }
    const probe: AppMatch = { ...ICMPV6, ...from, icmpv6Type: SOLICITATION, ipv6Src: '::', ...target };
    add(`solicitation probe ${address}${own}`, DISCOVERY, probe, true);
  }
}

/** Whatever address it is about. */
function discoveryFrom(mac: string): AppMatch[] {
  return [mac, NO_MAC].flatMap((option) => [
    { ...ICMPV6, icmpv6Type: SOLICITATION, ipv6NdSll: option },
    { ...ICMPV6, icmpv6Type: ADVERTISEMENT, ipv6NdTll: option },
  ]);
}

/** Of what it may send at all. */
function guarded(port: Port): [what: string, match: AppMatch][] {
  const { serves } = port;
  const guards: [what: string, family: 4 | 6, serves: Port['serves'][number], match: AppMatch][] = [
    ['is no DHCP server', 4, 'dhcp', { ...UDP4, udpDst: 68 }],
    ['is no DHCPv6 server', 6, 'dhcp', { ...UDP6, udpSrc: 547, udpDst: 546 }],
    ['is no router: advertisements', 6, 'ra', { ...ICMPV6, icmpv6Type: ROUTER_ADVERTISEMENT }],
    ['is no router: redirects', 6, 'ra', { ...ICMPV6, icmpv6Type: REDIRECT }],
  ];
  return guards
    .filter(([, family, service]) => has(port, family) && !serves.includes(service))
    .map(([what, , , match]) => [what, match]);
}

/** With no address given it has any. */
function has({ addresses }: Port, family: 4 | 6): boolean {
  return addresses.length === 0 || addresses.some((each) => familyOf(each) === family);
}
