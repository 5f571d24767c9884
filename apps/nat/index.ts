/** Address translation in conntrack: source NAT on the way out, forwards and one-to-one on the way in, hairpin between them. */

import { type AppMeter, defineApp } from '../../src/index.ts';
import { addresses, resolve, send } from '../router/services.ts';
import { answerFlows, toPublicFlows } from './answer-flows.ts';
import { askAhead } from './ask-ahead.ts';
import { destinationFlows, hasDestination } from './destination-flows.ts';
import { createDestinations } from './destinations.ts';
import { ERROR_METER, EXHAUSTED_METER, inOrder, STALE_METER } from './flows.ts';
import { guardFlows } from './guard-flows.ts';
import { createPrefixErrors } from './prefix-errors.ts';
import { prefixRules } from './prefix-translation.ts';
import { createExhausted, endStale } from './punted.ts';
import { destinations as destinationsService } from './services.ts';
import { natSites } from './site.ts';
import { hasSource, outgoingFlows, sourceFlows, trackFlows } from './source-flows.ts';

/** Seconds until the flows stand that hear an answer, and until a target that is known is asked for again. */
const ASK_SOON = 1;
const ASK_AGAIN = 30;

/** Of connections that end each packet is told, until conntrack has forgotten them. */
const METERS: [string, AppMeter][] = [
  [STALE_METER, { unit: 'packets', rate: 100, burst: 100 }],
  [EXHAUSTED_METER, { unit: 'packets', rate: 10, burst: 10 }],
];
const METERS_BY_PREFIX: typeof METERS = [...METERS, [ERROR_METER, { unit: 'packets', rate: 100, burst: 100 }]];

export default defineApp({
  name: 'nat',
  tables: {
    unsnat: { stage: 'unsnat' },
    answers: { stage: 'unsnat' },
    dnat: { stage: 'dnat' },
    track: { stage: 'snat' },
    outgoing: { stage: 'snat' },
    snat: { stage: 'snat' },
    guard: { stage: 'snat' },
  },
  fields: {
    rule: {
      bits: 32,
      in: 'ctLabel',
      text: 'Number of the rule that translates the connection; in each of the two zones',
    },
    inwards: { bits: 1, text: '1: it was sent to the public prefix of a one-to-one rule' },
  },
  uses: ['router.number', 'router.trackedState', 'router.resolve', 'router.addresses', 'router.send'],
  offers: [destinationsService],
  counters: {
    ended: 'Connections ended because their rule is gone or changed',
    errors: 'ICMPv6 errors whose quoted packet was translated',
    exhausted: 'Packets told to the controller for which no port or address was left',
  },
  attach({ dp, network, counters, services, tell, timers }) {
    let config = network;
    let sites = natSites(config, dp, followed);
    const errors = createPrefixErrors(dp, () => sites);
    const exhausted = createExhausted(dp, () => sites, timers, tell);

    function followed(router: string, interfaceName: string): readonly string[] {
      return services.get(addresses)?.all(router, interfaceName) ?? [];
    }

    function renew(): void {
      sites = natSites(config, dp, followed);
      update();
    }

    function update(): void {
      const { flows, meters } = dp;
      const hasPrefixes = sites.some((site) => prefixRules(site).length > 0);
      meters.replace(hasPrefixes ? METERS_BY_PREFIX : sites.length === 0 ? [] : METERS);
      const sources = inOrder(
        flows.snat,
        sites.flatMap(({ rules }) => rules.filter(hasSource)),
      );
      const destinations = inOrder(
        flows.dnat,
        sites.flatMap(({ rules }) => rules.filter(hasDestination)),
      );
      const of = <T extends readonly [{ rule: { router: string } }, number]>(ordered: T[], name: string) =>
        ordered.filter(([{ rule }]) => rule.router === name);
      flows.unsnat.replace(sites.flatMap(toPublicFlows));
      flows.answers.replace(sites.flatMap(answerFlows));
      flows.dnat.replace(sites.flatMap((site) => destinationFlows(site, of(destinations, site.name))));
      flows.track.replace(sites.flatMap(trackFlows));
      flows.outgoing.replace(sites.flatMap(outgoingFlows));
      flows.snat.replace(sites.flatMap((site) => sourceFlows(site, of(sources, site.name))));
      flows.guard.replace(sites.flatMap((site) => guardFlows(site, of(sources, site.name))));
    }

    function ask(): void {
      const service = services.get(resolve);
      if (service !== undefined) askAhead(sites, service.ask);
    }

    services.offer(
      destinationsService,
      createDestinations(dp, () => sites),
    );
    update();
    timers.after(ASK_SOON, ask);
    timers.every(ASK_AGAIN, ask);
    return {
      portUp: ask,
      packetIn(packet) {
        if (packet.table === 'guard') {
          counters.exhausted.add();
          exhausted(packet);
        } else if (packet.table === 'unsnat') {
          counters.errors.add();
          errors.inwards(packet);
        } else if (packet.table === 'outgoing') {
          counters.errors.add();
          errors.outwards(packet, services.get(send));
        } else {
          counters.ended.add();
          endStale(dp, packet);
        }
      },
      addressChanged: renew,
      networkChanged(changed) {
        config = changed;
        renew();
        timers.after(ASK_SOON, ask);
      },
    };
  },
});
