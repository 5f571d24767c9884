/** An app with a meter for each limit: with another limit one comes, and one goes. */

import { defineApp, meter, next, z } from '../../../src/index.ts';

export default defineApp({
  name: 'metered',
  config: z.object({ limit: z.number() }),
  tables: { limit: { stage: 'admit' } },
  attach({ dp, config }) {
    const key = `limit ${config.limit}`;
    dp.meters.set(key, { unit: 'packets', rate: config.limit });
    dp.flows.limit.set('icmp', {
      priority: 5,
      match: { ethType: 0x0800, ipProto: 1, ipv4Dst: '10.9.9.9' },
      actions: [meter(key), next()],
      intent: `no more than ${config.limit} pings a second`,
    });
  },
});
