/**
 * Zones, policies and rules, stateful. What a rule accepts is committed with the rule's number in ct_label; its packets
 * pass as long as a flow for that number stands. So a rule that goes ends just the connections that it allowed.
 */

import { type Config, defineApp, type FlowTable } from '../../src/index.ts';
import { answer } from '../router/services.ts';
import { bridgedFlows, egressFlows, invalidFlows, trackFlows } from './bridged-flows.ts';
import { filteredOn, zonesOn } from './bridged-site.ts';
import { betweenPorts, type FilteredPlace, filteredRouters } from './filtered-place.ts';
import { createJournal } from './journal.ts';
import { type Flows, POLICIES, RULES } from './rule-flows.ts';
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
  },
  fields: {
    allowed: { bits: 1, in: 'ctMark', text: '1: a rule let the connection in' },
    rule: { bits: 32, in: 'ctLabel', text: 'Number of the rule that let the connection in' },
    verdict: { bits: 16, text: 'Priority of the rule that decides about the packet; 0: none is known yet' },
    connections: { bits: 16, text: 'ct zone of the connection between two ports' },
  },
  uses: ['router.number', 'router.answer'],
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
      ({ table }, priority) => (table === 'judge' ? bridged : routed).byPriority(priority),
      { tell, unlogged: () => counters.unlogged.add(), now: timers.now },
    );
    let due = false;

    function judge(config: Config | undefined, table: FlowTable, verdicts: Verdicts, places: FilteredPlace[]): Flows {
      const firewall = config?.firewall;
      if (firewall === undefined || places.length === 0) return verdicts.none();
      const texts = (items: readonly { text: string }[]) => items.map(({ text }) => text);
      const rules = table.priorities(texts(firewall.rules), RULES);
      const policies = table.priorities(texts(firewall.policy), POLICIES);
      return verdicts.flows(firewall, places, { rules, policies });
    }

    function update(config: Config | undefined): void {
      journal.network = config;
      const routers = config === undefined ? [] : filteredRouters(config, dp);
      flows.filter.replace(judge(config, flows.filter, routed, routers));

      const segments = filteredOn(config, dp);
      const between = config === undefined || segments.length === 0 ? [] : [betweenPorts(config, zonesOn(segments))];
      flows.bridged.replace(bridgedFlows(segments));
      flows.egress.replace(egressFlows(segments));
      flows.track.replace(trackFlows(segments, config?.firewall, dp));
      flows.judge.replace([...invalidFlows(segments), ...judge(config, flows.judge, bridged, between)]);

      dp.meters.replace([...new Map([...routed.meters(), ...bridged.meters()])]);
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
        if (journal.write(packet)) return;
        if (services.get(answer)?.reject({ packet, kind: 'tcp-reset' }) === true) counters.rejected.add();
      },
    };
  },
});
