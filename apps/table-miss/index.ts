/** What happens to a packet that no other flow wanted: dropped and counted, left to Open vSwitch, or shown to this app. */

import { defineApp, drop, normal, punt, z } from '../../src/index.ts';

export default defineApp({
  name: 'table-miss',
  config: z.strictObject({
    /** `normal`: Open vSwitch's own MAC learning. `controller`: sent here and counted, for looking around. */
    action: z.enum(['drop', 'normal', 'controller']).default('drop'),
  }),
  tables: { miss: { stage: 'miss' } },
  counters: { unwanted: 'Packets that no flow wanted, of those sent to the controller' },
  attach({ dp, config, counters }) {
    const actions = { drop: drop(), normal: [normal()], controller: [punt(128)] }[config.action];
    dp.flows.miss.set('miss', { priority: 0, match: {}, actions, intent: `table miss: ${config.action}` });
    return {
      packetIn() {
        counters.unwanted.add();
      },
    };
  },
});
