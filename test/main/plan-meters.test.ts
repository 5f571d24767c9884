/** A plan tells of meters: those that come, change and go. */

import { expect, test } from 'vitest';
import { createAppHost } from '../../src/app/host.ts';
import { rehearse } from '../../src/app/rehearse.ts';
import { meterContent } from '../../src/flow/meter.ts';
import { defineApp } from '../../src/index.ts';
import { changesOf } from '../../src/main/plan-switch.ts';

const limits = defineApp({
  name: 'limits',
  attach({ dp }) {
    dp.meters.set('new', { unit: 'packets', rate: 5, burst: 2 });
    dp.meters.set('changed', { unit: 'kilobits', rate: 100 });
    dp.meters.set('same', { unit: 'kilobits', rate: 7 });
    return undefined;
  },
});

test('meters that are added, changed and removed', () => {
  const host = createAppHost();
  expect(host.load([{ definition: limits, config: {}, source: '', sources: {} }])).toEqual([]);
  const none = { host: undefined, bridge: undefined, ports: new Map(), flows: new Map() };
  const rehearsal = rehearse(host.copy(), { dpid: 'a1', name: 'a1', ...none }, undefined);
  const idOf = (key: string) => [...rehearsal.woven.meters.values()].find((meter) => meter.key === key)!.meterId;
  const kbps = (rate: number) =>
    meterContent({ flags: ['kbps', 'stats'], bands: [{ type: 'drop', rate, burstSize: 0 }] });
  const meters = new Map([
    [idOf('changed'), kbps(99)],
    [idOf('same'), kbps(7)],
    [0x4c00_fffe, kbps(1)],
  ]);
  const planned = changesOf({
    ...{ running: host, planned: host, rehearsal, site: undefined, invented: new Map() },
    actual: { flows: new Map(), groups: new Map(), meters },
  });
  expect([planned.flows, planned.groups, planned.refused]).toEqual([[], [], []]);
  expect(planned.meters).toEqual([
    {
      ...{ change: 'add', app: 'limits', name: 'new', id: idOf('new') },
      text: 'pktps,burst,stats,bands=type=drop,rate=5,burst_size=2',
    },
    {
      ...{ change: 'change', app: 'limits', name: 'changed', id: idOf('changed') },
      text: 'kbps,stats,bands=type=drop,rate=100',
    },
    { change: 'remove', app: null, name: null, id: 0x4c00_fffe, text: null },
  ]);
});
