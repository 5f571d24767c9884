/** The routers of the file: ARP, static routes, TTL, ping, and the next hop, all in flows; the controller only asks by ARP. */

import { type AppPort, defineApp, familyOf } from '../../src/index.ts';
import { destinations } from '../nat/services.ts';
import { advertiseFlows, selfSolicitationFlows, solicitationFlows } from './advertise-flows.ts';
import { createAnnouncer } from './announcer.ts';
import { claimFlows } from './claim-flows.ts';
import { createErrors } from './errors.ts';
import { createFollow } from './follow.ts';
import { forkFlows } from './fork-flows.ts';
import { guardFlows, reversePathFlows } from './interface-options.ts';
import { routerMeters } from './meters.ts';
import { addMtus, standingMtus } from './mtu.ts';
import { neighbourFlows } from './neighbour-flows.ts';
import { createNeighbours } from './neighbours.ts';
import type { NextHop } from './next-hop.ts';
import { nextHopFlows, resolveFlows } from './next-hop-flows.ts';
import { takeOversized } from './oversize.ts';
import { ownPackets } from './own-packets.ts';
import { proxiedOwnFlows, proxiedRespondFlows } from './proxied-flows.ts';
import { createPuntHandler } from './punted.ts';
import { createResolver } from './resolver.ts';
import { respondFlows } from './respond-flows.ts';
import { lookupFlows, ownFlows, pathFlows } from './route-flows.ts';
import { heardFlows, selfRespondFlows } from './self-flows.ts';
import { addresses, answer, resolve, send } from './services.ts';
import { routersOn } from './site.ts';
import { measureFlows, sizeFlows } from './size-flows.ts';
import { interfaceRows, neighbourRows, routeRows } from './state.ts';
import { tellTaken } from './taken.ts';
import { conntrackFlows, saveFlows } from './tracking-flows.ts';

export default defineApp({
  name: 'router',
  tables: {
    learn: { stage: 'learn' },
    respond: { stage: 'respond' },
    advertise: { stage: 'respond' },
    fork: { stage: 'fork' },
    guard: { stage: 'fork' },
    conntrack: { stage: 'conntrack' },
    save: { stage: 'save' },
    route: { stage: 'route' },
    lookup: { stage: 'route' },
    path: { stage: 'route' },
    hop: { stage: 'next-hop' },
    neighbours: { stage: 'next-hop', learned: true },
    resolve: { stage: 'next-hop' },
    size: { stage: 'next-hop' },
  },
  fields: {
    nextHop: { bits: 32, text: 'IPv4 address of the next hop' },
    nextHop6: { bits: 128, text: 'IPv6 address of the next hop' },
    trackedState: { bits: 32, text: "State of the connection in the router's first ct zone" },
    number: { bits: 16, text: 'Router that handles the packet, also its first ct zone; 0: none' },
    path: { bits: 8, text: 'Which of several next hops; or why the packet is refused' },
    transit: { bits: 1, text: '1: another router of the same switch passed it on' },
    neighbourKnown: { bits: 1, text: '1: the MAC of the next hop is known' },
    tooBig: { bits: 1, text: '1: larger than the interface takes by which it leaves' },
  },
  offers: [resolve, answer, addresses, send],
  counters: {
    unresolved: 'Packets whose next hop did not answer, which is told to their senders',
    dropped: 'Packets dropped while their next hop was asked for: too many waited, or too many were asked for',
    forgotten: 'Neighbours forgotten in the switch: they did not answer any more, or nobody used them',
    expired: 'Packets whose TTL ended here',
    oversized: 'Packets too large for the interface by which they would leave',
    suppressed: 'ICMP errors and resets that were not sent, for there were too many',
  },
  attach({ dp, network, counters, timers, services, publish, tell, emit }) {
    let file = network;
    let routers = routersOn(file, dp, new Map());
    const sites = () => routers;
    const mtus = standingMtus(dp);
    const follow = createFollow(dp, sites, timers, (router, at) => {
      update();
      // The flows that hear the answers stand by then.
      timers.after(0.1, () => resolver.again(at.id));
      emit('addressChanged', { dpid: dp.dpid, router, interface: at.name });
    });
    const isKnown = (hop: NextHop) => neighbours.isKnown(hop);
    const errors = createErrors(
      dp,
      sites,
      timers,
      isKnown,
      () => services.get(destinations),
      () => counters.suppressed.add(),
    );
    const resolver = createResolver(dp, sites, timers, {
      dropped: () => counters.dropped.add(),
      unreachable(packet) {
        counters.unresolved.add();
        errors.sendRouted(packet, 'host-unreachable', { decremented: true });
      },
    });
    const neighbours = createNeighbours(dp, sites, timers, {
      ask: ({ segment, address }) => resolver.ask(segment, address),
      forgotten: () => counters.forgotten.add(),
    });
    const announcer = createAnnouncer(dp, sites, () => file, timers, tell);
    const punted = createPuntHandler(dp, {
      ...{ resolver, neighbours, errors, announcer },
      tellTaken: (segment, packet) => tellTaken(dp, file, routers, segment, packet),
      expired: () => counters.expired.add(),
      oversized(packet) {
        counters.oversized.add();
        takeOversized(dp, routers, errors, packet);
      },
    });

    function update(): void {
      const { flows } = dp;
      routers = routersOn(file, dp, follow.addresses);
      addMtus(routers, file, mtus);
      dp.meters.replace(routerMeters(routers));
      flows.learn.replace([...claimFlows(routers), ...heardFlows(routers), ...neighbourFlows(routers)]);
      flows.respond.replace([
        ...selfRespondFlows(routers),
        ...respondFlows(routers),
        ...selfSolicitationFlows(routers),
        ...solicitationFlows(routers),
        ...proxiedRespondFlows(file, routers),
      ]);
      flows.advertise.replace(advertiseFlows(routers));
      flows.fork.replace(routers.length === 0 ? [] : forkFlows(routers));
      flows.guard.replace([...guardFlows(routers), ...reversePathFlows(routers)]);
      flows.conntrack.replace(conntrackFlows(routers));
      flows.save.replace(saveFlows(routers));
      flows.route.replace([...ownFlows(routers), ...proxiedOwnFlows(file, routers)]);
      flows.lookup.replace(lookupFlows(routers));
      flows.path.replace(pathFlows(routers));
      flows.hop.replace(nextHopFlows(routers));
      flows.resolve.replace([...resolveFlows(routers), ...measureFlows(routers), ...resolver.flows()]);
      flows.size.replace(sizeFlows(routers));
      announcer.follow();
    }

    update();
    timers.after(1, neighbours.askGateways);
    publish('interfaces', () => interfaceRows(dp, file, routers));
    publish('routes', () => routeRows(dp, routers, neighbours.all()));
    publish('neighbours', () => neighbourRows(dp, routers, neighbours.all(), resolver.unknown()));
    services.offer(resolve, { ask: resolver.ask });
    services.offer(send, ownPackets(dp, sites, isKnown));
    services.offer(answer, { reject: errors.reject });
    const interfaceNamed = (router: string, name: string) =>
      routers.find((each) => each.name === router)?.interfaces.find((each) => each.name === name);
    services.offer(addresses, {
      primary: (router, name) => interfaceNamed(router, name)?.own.find((each) => familyOf(each) === 4),
      all: (router, name) => interfaceNamed(router, name)?.addresses ?? [],
    });
    const isSelf = ({ name }: AppPort) =>
      file?.routers.some(({ host, self }) => host === dp.host && self?.port === name);
    return {
      packetIn(packet) {
        if (!follow.packetIn(packet)) punted(packet);
      },
      portUp(port) {
        if (isSelf(port)) update();
        neighbours.askGateways();
        announcer.portUp(port);
      },
      portDown(port) {
        if (isSelf(port)) update();
      },
      stationSeen: follow.stationSeen,
      networkChanged(changed) {
        file = changed;
        update();
      },
    };
  },
});
