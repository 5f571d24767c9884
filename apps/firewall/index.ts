/**
 * Zones, policies and rules, stateful. What a rule accepts is committed with the rule's number in ct_label; its packets
 * pass as long as a flow for that number stands. So a rule that goes ends just the connections that it allowed.
 */

import { type Config, defineApp } from '../../src/index.ts';
import { POLICIES, RULES } from './rule-flows.ts';
import { createVerdicts } from './verdicts.ts';

export default defineApp({
  name: 'firewall',
  tables: { filter: { stage: 'firewall' } },
  fields: {
    allowed: { bits: 1, in: 'ctMark', text: '1: a rule let the connection in' },
    rule: { bits: 32, in: 'ctLabel', text: 'Number of the rule that let the connection in' },
  },
  uses: ['router.number'],
  attach({ dp, network }) {
    const verdicts = createVerdicts();
    const { filter } = dp.flows;

    function update(config: Config | undefined): void {
      const routers = (config?.routers ?? [])
        .filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge)
        .map(({ name }) => ({ name, zone: dp.ctZone(`router ${name}`) }));
      const { firewall } = config ?? {};
      if (firewall === undefined || routers.length === 0) {
        filter.replace([]);
        return;
      }
      const texts = (items: readonly { text: string }[]) => items.map(({ text }) => text);
      const rules = filter.priorities(texts(firewall.rules), RULES);
      const policies = filter.priorities(texts(firewall.policy), POLICIES);
      filter.replace(verdicts.flows(firewall, routers, { rules, policies }));
    }

    update(network);
    return { networkChanged: update };
  },
});
