/**
 * What the switch learns by itself of stations, by Open vSwitch's `learn`: at which port each is, that it sends, and from
 * ARP (RFC 826) and IPv6 neighbour discovery (RFC 4861) which addresses it has.
 */

import {
  type AppFlow,
  ETHER_TYPE,
  flow,
  type Intent,
  IP_PROTOCOL,
  type LearnItem,
  learn,
  next,
  resubmit,
} from '../../src/index.ts';
import type { Site, SitePort } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/**
 * Stations that a port may have learned: one that sends from ever new addresses fills its own share alone, and the frames
 * to all others still go to one port each.
 */
const AT_PORT = 1024;
/** Behind a trunk or a tunnel are other switches. */
const AT_TRUNK = 8192;

/** Of all stations on the switch. */
const ADDRESSES = 8192;
/** Seconds: who goes on talking to the same peers may not ask for them again for long. */
const ADDRESS_AGING = 3600;

const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/**
 * Where a station is: port, and the tunnel's other end. A second flow counts what it sends: no message of OpenFlow 1.4
 * tells when a flow was learned anew, and by the count its age is known.
 */
export function learnFlows(site: Site): Flows {
  const flows = site.ports.flatMap(({ number, port }): Flows => {
    if (port.vlans === undefined) return [];
    const intent = { text: `a station at port ${port.name}`, source: port.source };
    return [[`port ${port.name}`, learnAt(site, number, intent, mostAt(port.vlans.mode))]];
  });
  for (const number of site.tunnels) {
    const peer: LearnItem = { load: 'tunnelPeer', from: 'tunIpv4Src' };
    const intent = { text: `a station behind tunnel port ${number}` };
    flows.push([`tunnel ${number}`, learnAt(site, number, intent, AT_TRUNK, peer)]);
  }
  return flows;
}

function mostAt(mode: NonNullable<SitePort['port']['vlans']>['mode']): number {
  return mode === 'trunk' ? AT_TRUNK : AT_PORT;
}

function learnAt(site: Site, number: number, intent: Intent, limit: number, ...items: LearnItem[]): AppFlow {
  const learned = { priority: 10, hardTimeout: site.macAging, limit, intent };
  return flow({
    priority: 10,
    match: { inPort: number },
    actions: [
      learn({
        ...learned,
        table: 'learned',
        items: [
          { match: 'segment' },
          { match: 'ethDst', from: 'ethSrc' },
          { load: 'outPort', from: 'inPort' },
          ...items,
        ],
      }),
      learn({ ...learned, table: 'seen', items: [{ match: 'segment' }, { match: 'ethSrc' }] }),
      resubmit('seen'),
      next(),
    ],
    intent: { ...intent, text: `learn ${intent.text}` },
  });
}

/** By the address that a frame comes from, not by what stands inside: a station speaks for itself only. */
export function hearFlows(site: Site): Flows {
  const hardTimeout = Math.max(site.macAging, ADDRESS_AGING);
  const remember = (ethType: number, address: LearnItem) => [
    learn({
      ...{ table: 'addresses', priority: 10, hardTimeout, limit: ADDRESSES },
      intent: 'an address of a station',
      items: [{ match: 'segment' }, { match: 'ethSrc' }, { match: 'ethType', value: ethType }, address],
    }),
    next(),
  ];
  const intent = 'learn which addresses a station has';
  const none = 'one that asks whether an address is free does not have it';
  const arp = { ethType: ETHER_TYPE.arp } as const;
  const neighbour = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6 } as const;
  return [
    ['arp', flow({ priority: 10, match: arp, actions: remember(arp.ethType, { match: 'arpSpa' }), intent })],
    ['arp probe', flow({ priority: 20, match: { ...arp, arpSpa: '0.0.0.0' }, actions: [next()], intent: none })],
    [
      'solicitation',
      flow({
        priority: 10,
        match: { ...neighbour, icmpv6Type: SOLICITATION },
        actions: remember(neighbour.ethType, { match: 'ipv6Src' }),
        intent,
      }),
    ],
    [
      'solicitation probe',
      flow({
        priority: 20,
        match: { ...neighbour, icmpv6Type: SOLICITATION, ipv6Src: '::' },
        actions: [next()],
        intent: none,
      }),
    ],
    [
      'advertisement',
      flow({
        priority: 10,
        match: { ...neighbour, icmpv6Type: ADVERTISEMENT },
        actions: remember(neighbour.ethType, { match: 'ipv6Src', from: 'ipv6NdTarget' }),
        intent,
      }),
    ],
  ];
}
