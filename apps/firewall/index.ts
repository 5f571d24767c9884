/**
 * Zones, policies and rules, stateful. What a rule accepts is committed with the rule's number in ct_label; its packets
 * pass as long as a flow for that number stands. So a rule that goes ends just the connections that it allowed.
 */

import { type Config, defineApp, type FlowTable, type PacketInEvent, resubmit } from '../../src/index.ts';
import { destinations } from '../nat/services.ts';
import { answer } from '../router/services.ts';
import { createAddressClasses } from './address-classes.ts';
import { bridgedFlows, egressFlows, invalidFlows, trackFlows } from './bridged-flows.ts';
import { filteredOn, zonesOn } from './bridged-site.ts';
import { matchIntent } from './conditions.ts';
import { BETWEEN_PORTS, betweenPorts, type FilteredPlace, filteredRouters, lookupFlows } from './filtered-place.ts';
import { createJournal, isRouted } from './journal.ts';
import { createJudgedAgain } from './judged-again.ts';
import { AGAIN_METER, JUDGED_AGAIN } from './meters.ts';
import { POLICIES, RULES, type RuleFlows } from './rule-flows.ts';
import { createVerdicts, type Verdicts } from './verdicts.ts';

export default defineApp({
  name: 'firewall',
  tables: {
    filter: { stage: 'firewall' },
    /** Between ports: what is judged there, and by which zones. */
    bridged: { stage: 'bridged-firewall' },
    egress: { stage: 'bridged-firewall' },
    track: { stage: 'bridged-firewall' },
    judge: { stage: 'bridged-firewall' },
    /** What a rule wants to know of a packet besides its match. */
    closer: { stage: 'firewall' },
    tickets: { stage: 'firewall', learned: true },
    /** In which sets the ends of a packet are. */
    origin: { stage: 'unsnat' },
    target: { stage: 'save' },
    sources: { stage: 'unsnat', aside: true },
    destinations: { stage: 'save', aside: true },
  },
  fields: {
    allowed: { bits: 1, in: 'ctMark', text: '1: a rule let the connection in' },
    rule: { bits: 32, in: 'ctLabel', text: 'Number of the rule that let the connection in' },
    verdict: { bits: 16, text: 'Priority of the rule that decides about the packet; 0: none is known yet' },
    connections: { bits: 16, text: 'ct zone of the connection between two ports' },
    past: { bits: 32, text: 'Rules with a condition that the packet does not fulfil, a bit each' },
    ticket: { bits: 10, text: 'Ticket of a limit of connections; 1023: it has one' },
    taken: { bits: 1, text: '1: the next ticket is taken, the limit is reached' },
    sourceClass: { bits: 16, text: 'Sets of addresses that its source is in' },
    destinationClass: { bits: 16, text: 'Sets of addresses that its destination is in' },
    larger: { bits: 1, text: '1: the packet is larger than the rule asks about' },
  },
  uses: ['router.number', 'router.answer', 'nat.rule', 'nat.destinations'],
  counters: {
    rejected: 'Packets whose senders were told that they are refused',
    unlogged: 'Packets that a rule was to log, and that came too fast for that',
  },
  attach({ dp, network, counters, services, tell, timers }) {
    const { flows } = dp;
    const routed = createVerdicts();
    const bridged = createVerdicts();
    const journal = createJournal(
      dp,
      ({ match }, priority) => (isRouted(dp, match) ? routed : bridged).byPriority(priority),
      { tell, unlogged: () => counters.unlogged.add(), now: timers.now },
    );
    const again = createJudgedAgain(dp, () => services.get(destinations));
    const addressClasses = createAddressClasses();
    let due = false;

    function judge(
      config: Config | undefined,
      table: FlowTable,
      verdicts: Verdicts,
      places: FilteredPlace[],
    ): RuleFlows {
      const firewall = config?.firewall;
      if (firewall === undefined || places.length === 0) return verdicts.none();
      const rules = table.priorities(firewall.rules.map(matchIntent), RULES);
      const policies = table.priorities(firewall.policy.map(matchIntent), POLICIES);
      return verdicts.flows(firewall, places, { rules, policies });
    }

    function update(config: Config | undefined): void {
      journal.network = config;
      const firewall = config?.firewall;
      const classes = addressClasses(firewall);
      const routers = config === undefined ? [] : filteredRouters(config, dp, classes);
      const looking = classes.isEmpty || firewall === undefined ? [] : routers;
      flows.origin.replace(lookupFlows(looking, 'sources', firewall?.source ?? ''));
      flows.target.replace(lookupFlows(looking, 'destinations', firewall?.source ?? ''));
      flows.sources.replace(classes.sources);
      flows.destinations.replace(classes.destinations);
      const onRouters = judge(config, flows.filter, routed, routers);

      const segments = filteredOn(config, dp);
      const between = config === undefined || segments.length === 0 ? [] : [betweenPorts(zonesOn(segments), classes)];
      flows.bridged.replace(bridgedFlows(segments));
      flows.egress.replace(egressFlows(segments));
      flows.track.replace(
        trackFlows(segments, firewall, dp, classes.isEmpty ? [] : [resubmit('sources'), resubmit('destinations')]),
      );
      const onSegments = judge(config, flows.judge, bridged, between);

      const meters = new Map([...routed.meters(), ...bridged.meters()]);
      if (routers.length + between.length > 0 && firewall !== undefined) meters.set(AGAIN_METER, JUDGED_AGAIN);
      dp.meters.replace([...meters]);
      flows.filter.replace(onRouters.rules);
      flows.judge.replace([...invalidFlows(segments), ...onSegments.rules]);
      flows.closer.replace([...onRouters.closer, ...onSegments.closer]);
    }

    function judgedAt({ match }: PacketInEvent) {
      if (!isRouted(dp, match)) return bridged.of(BETWEEN_PORTS);
      const number = dp.read(match, 'router.number');
      const router = journal.network?.routers.find(({ name }) => dp.ctZone(`router ${name}`) === number);
      return router === undefined ? [] : routed.of(router.name);
    }

    /** Ports come in crowds when a host starts. */
    function portsChanged(): void {
      if (due) return;
      due = true;
      timers.after(0, () => {
        due = false;
        update(journal.network);
      });
    }

    update(network);
    return {
      networkChanged: update,
      portUp: portsChanged,
      portDown: portsChanged,
      packetIn(packet) {
        const { sets = [] } = journal.network?.firewall ?? {};
        if (again.take(packet, judgedAt(packet), sets)) return;
        if (journal.write(packet)) return;
        if (services.get(answer)?.reject({ packet, kind: 'tcp-reset' }) === true) counters.rejected.add();
      },
    };
  },
});
