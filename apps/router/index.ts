/** The routers of the file: ARP, static routes, TTL, ping, and the next hop, all in flows; the controller only asks by ARP. */

import { addressText, defineApp, icmpTimeExceeded, parseArp, resubmit, set } from '../../src/index.ts';
import { forkFlows, neighbourFlows, respondFlows } from './arrival.ts';
import { conntrackFlows, nextHopFlows, resolveFlows, routeFlows, saveFlows } from './forward.ts';
import { createResolver } from './resolver.ts';
import { resolve } from './services.ts';
import { routersOn } from './site.ts';

const ETHERNET_HEADER = 14;

export default defineApp({
  name: 'router',
  tables: {
    learn: { stage: 'learn' },
    respond: { stage: 'respond' },
    fork: { stage: 'fork' },
    conntrack: { stage: 'conntrack' },
    save: { stage: 'save' },
    route: { stage: 'route' },
    hop: { stage: 'next-hop' },
    neighbours: { stage: 'next-hop', learned: true },
    resolve: { stage: 'next-hop' },
  },
  fields: {
    nextHop: { bits: 32, text: 'IPv4 address of the next hop' },
    trackedState: { bits: 32, text: "State of the connection in the router's first ct zone" },
    number: { bits: 16, text: 'Router that handles the packet, also its first ct zone; 0: none' },
    neighbourKnown: { bits: 1, text: '1: the MAC of the next hop is known' },
  },
  offers: [resolve],
  counters: {
    unresolved: 'Packets dropped because nobody answered ARP for their next hop',
    expired: 'Packets whose TTL ended here',
  },
  attach({ dp, network, counters, timers, services }) {
    let routers = routersOn(network, dp);
    const resolver = createResolver(
      dp,
      () => routers,
      timers,
      (count) => counters.unresolved.add(count),
    );

    function update(): void {
      const { flows } = dp;
      flows.learn.replace(neighbourFlows(routers));
      flows.respond.replace(respondFlows(routers));
      flows.fork.replace(routers.length === 0 ? [] : forkFlows(routers));
      flows.conntrack.replace(conntrackFlows(routers));
      flows.save.replace(saveFlows(routers));
      flows.route.replace(routeFlows(routers));
      flows.hop.replace(nextHopFlows(routers));
      flows.resolve.replace(resolveFlows(routers));
    }

    update();
    timers.after(1, () => resolver.askGateways());
    services.offer(resolve, { ask: resolver.ask });
    return {
      packetIn({ data, inPort, table, match }) {
        if (table === 'resolve') {
          resolver.wait(dp.read(match, 'segment') ?? 0, addressText(dp.read(match, 'router.nextHop') ?? 0), data);
        } else if (table === 'respond') {
          const arp = parseArp(data, ETHERNET_HEADER);
          if (arp !== undefined) resolver.resolved(dp.read(match, 'segment') ?? 0, arp.senderAddress);
        } else if (table === 'route') {
          counters.expired.add();
          const segment = dp.read(match, 'ingressSegment') ?? 0;
          const router = routers.find(({ interfaces }) => interfaces.some(({ id }) => id === segment));
          const via = router?.interfaces.find(({ id }) => id === segment);
          const address = via?.own[0];
          if (router === undefined || address === undefined) return;
          const answer = icmpTimeExceeded({ frame: data, routerMac: router.mac, routerAddress: address });
          if (answer === undefined) return;
          const back = set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
          dp.packetOut({ data: answer, actions: [...back, resubmit('output')] });
        }
      },
      portUp() {
        resolver.askGateways();
      },
      networkChanged(changed) {
        routers = routersOn(changed, dp);
        update();
      },
    };
  },
});
