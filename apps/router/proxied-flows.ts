/**
 * Public addresses of NAT that no interface has: the router answers ARP for them as for its own, and what NAT gives to nobody
 * ends here.
 */

import {
  type AppFlow,
  actions,
  type Config,
  ETHER_TYPE,
  familyOf,
  flow,
  goto,
  inPrefix,
  load,
  move,
  type ProxiedPrefix,
  proxiedPrefixes,
  set,
} from '../../src/index.ts';
import type { SiteInterface, SiteRouter } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

const REQUEST = 1;
const REPLY = 2;
/** A register that is of no use yet: an address on its way from one field to another. */
const SCRATCH = 'router.nextHop';

/** The stage `respond`. */
export function proxiedRespondFlows(config: Config | undefined, routers: readonly SiteRouter[]): Flows {
  return eachProxied(config, routers).map(([{ name }, at, { prefix, text, source }]) => [
    `${name} answer ${prefix}`,
    flow({
      // Below those of its own addresses, which it may hold.
      priority: 90,
      match: { ethType: ETHER_TYPE.arp, segment: at.id, arpOp: REQUEST, arpTpa: inPrefix(prefix) },
      actions: actions(
        move('ethSrc', 'ethDst'),
        set({ ethSrc: at.mac, arpOp: REPLY }),
        move('arpSha', 'arpTha'),
        set({ arpSha: at.mac }),
        move('arpSpa', SCRATCH),
        move('arpTpa', 'arpSpa'),
        move(SCRATCH, 'arpTpa'),
        move('inPort', 'outPort'),
        load('nxmInPort', 0),
        goto('output'),
      ),
      intent: { text: `answer ARP for ${prefix}: ${text}`, source },
    }),
  ]);
}

/** The stage `route`: nobody is asked for them on the segment. */
export function proxiedOwnFlows(config: Config | undefined, routers: readonly SiteRouter[]): Flows {
  return eachProxied(config, routers).map(([{ name, number }, , { prefix, text, source }]) => [
    `${name} own ${prefix}`,
    flow({
      priority: 318,
      match: { ethType: ETHER_TYPE.ipv4, 'router.number': number, ipv4Dst: inPrefix(prefix) },
      actions: actions(set({ egressZone: FW }), goto('firewall')),
      intent: { text: `${prefix} is router ${name} itself: ${text}`, source },
    }),
  ]);
}

/** Those of IPv4, with where the router answers for them. */
export function eachProxied(
  config: Config | undefined,
  routers: readonly SiteRouter[],
): [SiteRouter, SiteInterface, ProxiedPrefix][] {
  return routers.flatMap((router) =>
    proxiedPrefixes(config?.nat ?? [], router).flatMap((proxied): [SiteRouter, SiteInterface, ProxiedPrefix][] => {
      const at = router.interfaces.find(({ name }) => name === proxied.interface);
      return at === undefined || familyOf(proxied.prefix) !== 4 ? [] : [[router, at, proxied]];
    }),
  );
}
