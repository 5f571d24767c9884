/** The switch answers ping of a router's addresses, where no host does: ICMP (RFC 792) and ICMPv6 (RFC 4443 4). */

import { type AppAction, type AppFlow, type AppMatch, actions, goto, IP_PROTOCOL, move, set } from '../../src/index.ts';
import { isIp } from './family.ts';
import { backWhereItCameFrom } from './send-back.ts';
import type { SiteInterface, SiteRouter } from './site.ts';
import { anew, isTransit } from './transit-flows.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

const ECHO = { request: 8, reply: 0 };
const ECHO6 = { request: 128, reply: 129 };
const FIRST_TTL = 64;

export function echoFlows(router: SiteRouter, all: readonly SiteRouter[]): Flows {
  const { name, mac, number, interfaces, self } = router;
  const mine = { 'router.number': number, egressZone: FW };
  // The host has the addresses of the file; the link-local one is the router's where the host is on another segment.
  const answered = interfaces.flatMap((each) =>
    addressesOf(each, self === undefined).map((address) => ({ address, each })),
  );
  const passed = isTransit(router, all);
  return answered.flatMap(({ address, each }): Flows => {
    const back = actions(
      move('ethSrc', 'ethDst'),
      set({ ethSrc: mac }),
      move('ingressSegment', 'segment'),
      backWhereItCameFrom(),
      goto('output'),
    );
    const intent = { text: `${address} answers ping`, source: each.source };
    const key = `${name}/${each.name} echo ${address}`;
    const onLink = address === each.linkLocal ? { ingressSegment: each.id } : {};
    const match = { ...mine, ...onLink, ...requestTo(address) };
    const flows: Flows = [[key, { priority: 130, match, actions: actions(replyFrom(address), back), intent }]];
    if (passed && address !== each.linkLocal) {
      // What another router passed on goes back by it, as what this router sends itself.
      const routed = actions(replyFrom(address), set({ ingressZone: FW }), anew());
      const transit = { ...match, 'router.transit': 1 };
      flows.push([`${key} in transit`, { priority: 135, match: transit, actions: routed, intent }]);
    }
    return flows;
  });
}

function addressesOf({ own, linkLocal, hostAnswers }: SiteInterface, all: boolean): string[] {
  return [...(all ? own : []), ...(linkLocal === undefined || hostAnswers ? [] : [linkLocal])];
}

function requestTo(address: string): AppMatch {
  return address.includes(':')
    ? { ...isIp(6), ipProto: IP_PROTOCOL.icmpv6, icmpv6Type: ECHO6.request, ipv6Dst: address }
    : { ...isIp(4), ipProto: IP_PROTOCOL.icmp, icmpv4Type: ECHO.request, ipv4Dst: address };
}

function replyFrom(address: string): AppAction[] {
  return address.includes(':')
    ? [move('ipv6Src', 'ipv6Dst'), ...set({ ipv6Src: address, icmpv6Type: ECHO6.reply, ipTtl: FIRST_TTL })]
    : [move('ipv4Src', 'ipv4Dst'), ...set({ ipv4Src: address, icmpv4Type: ECHO.reply, ipTtl: FIRST_TTL })];
}
