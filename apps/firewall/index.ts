/**
 * Zones, policies and rules, stateful. What a rule accepts is committed with the rule's number in ct_label; its packets
 * pass as long as a flow for that number stands. So a rule that goes ends just the connections that it allowed.
 */

import { type Config, defineApp } from '../../src/index.ts';
import { answer } from '../router/services.ts';
import { filteredRouters } from './filtered-router.ts';
import { createJournal } from './journal.ts';
import { POLICIES, RULES } from './rule-flows.ts';
import { createVerdicts } from './verdicts.ts';

export default defineApp({
  name: 'firewall',
  tables: { filter: { stage: 'firewall' } },
  fields: {
    allowed: { bits: 1, in: 'ctMark', text: '1: a rule let the connection in' },
    rule: { bits: 32, in: 'ctLabel', text: 'Number of the rule that let the connection in' },
    verdict: { bits: 16, text: 'Priority of the rule that decides about the packet; 0: none is known yet' },
  },
  uses: ['router.number', 'router.answer'],
  counters: {
    rejected: 'Packets whose senders were told that they are refused',
    unlogged: 'Packets that a rule was to log, and that came too fast for that',
  },
  attach({ dp, network, counters, services, tell, timers }) {
    const verdicts = createVerdicts();
    const { filter } = dp.flows;
    const journal = createJournal(dp, verdicts.byPriority, {
      tell,
      unlogged: () => counters.unlogged.add(),
      now: timers.now,
    });

    function update(config: Config | undefined): void {
      journal.network = config;
      const routers = config === undefined ? [] : filteredRouters(config, dp);
      const { firewall } = config ?? {};
      if (firewall === undefined || routers.length === 0) {
        filter.replace([]);
        dp.meters.replace([]);
        return;
      }
      const texts = (items: readonly { text: string }[]) => items.map(({ text }) => text);
      const rules = filter.priorities(texts(firewall.rules), RULES);
      const policies = filter.priorities(texts(firewall.policy), POLICIES);
      filter.replace(verdicts.flows(firewall, routers, { rules, policies }));
      dp.meters.replace(verdicts.meters());
    }

    update(network);
    return {
      networkChanged: update,
      packetIn(packet) {
        if (journal.write(packet)) return;
        if (services.get(answer)?.reject({ packet, kind: 'tcp-reset' }) === true) counters.rejected.add();
      },
    };
  },
});
