/** DHCP and router advertisements on the file's segments: every switch's own guests are answered there, from leases of all. */

import { defineApp } from '../../src/index.ts';
import { COUNTERS, TABLES } from './declared.ts';
import { meters, respondFlows } from './flows.ts';
import { guardFlows } from './guard-flows.ts';
import { setUp } from './setup.ts';
import { siteOf } from './site.ts';

export default defineApp({
  name: 'dhcp',
  tables: TABLES,
  uses: ['router.send'],
  counters: COUNTERS,
  attach({ dp, network }) {
    let file = network;

    function update(): void {
      const site = siteOf(file, dp);
      dp.meters.replace(meters(site));
      dp.flows.guard.replace(guardFlows(site));
      dp.flows.respond.replace(respondFlows(site));
    }

    update();
    return {
      portUp: update,
      portDown: update,
      networkChanged(changed) {
        file = changed;
        update();
      },
    };
  },
  setup: setUp,
});
