/** Another version of an app on a real ovs-vswitchd: one difference, flows that stand until then, and nothing of other apps. */

import { afterEach, expect, test } from 'vitest';
import type { AppRequest } from '../../src/app/app-request.ts';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import { drop } from '../../src/flow/actions.ts';
import { type Attached, type LiveSwitch, startLiveSwitch } from './live-switch.ts';

let live: LiveSwitch | undefined;
afterEach(async () => {
  await live?.stop();
  live = undefined;
});

/** Drops these TCP ports; at `end` it throws, when it has declared already. */
const version = (ports: number[], end: () => void = () => undefined): AnyApp =>
  defineApp({
    name: 'changing',
    tables: { admit: { stage: 'admit' } },
    attach({ dp }) {
      for (const port of ports) {
        const match = { ethType: 0x0800, ipProto: 6, tcpDst: port } as const;
        dp.flows.admit.set(`${port}`, { priority: 10, match, actions: drop(), intent: `no port ${port}` });
      }
      end();
      return {};
    },
  });
const bystander = defineApp({
  name: 'bystander',
  tables: { main: { stage: 'classify' } },
  attach({ dp }) {
    const match = { ethType: 0x0806 } as const;
    dp.flows.main.set('arp', { priority: 10, match, actions: drop(), intent: 'no ARP' });
    return {};
  },
});

async function reload({ host, site, sent }: Attached, changing: AnyApp): Promise<number> {
  const before = sent.flowMods;
  const requests = [...host.apps.values()].map(
    ({ definition, config }): AppRequest => ({
      definition: definition.name === 'changing' ? changing : definition,
      config,
      source: 'a test',
      sources: {},
    }),
  );
  expect(host.load(requests)).toEqual([]);
  site.attach(undefined);
  await site.reconciler.settled();
  return sent.flowMods - before;
}

/** Ports of the app's flows, with their seconds in the switch where these were not set anew. */
async function standing(): Promise<string[]> {
  const dump = await live!.ofctl('dump-flows');
  return [...dump.matchAll(/tcp,tp_dst=(\d+) actions=drop/g)].map(([, port]) => port!).sort();
}

test('only what differs is sent; a version that throws changes nothing', async () => {
  live = await startLiveSwitch();
  const attached = await live.attach(undefined, { apps: [bystander, version([21, 23])] });
  await attached.opened();
  expect(await standing()).toEqual(['21', '23']);
  // The same flows by other code: not one message.
  expect(await reload(attached, version([21, 23]))).toBe(0);
  expect(await reload(attached, version([23, 25]))).toBe(2);
  expect(await standing()).toEqual(['23', '25']);
  const failing = version([99], () => {
    throw new Error('boom');
  });
  expect(await reload(attached, failing)).toBe(0);
  expect(await standing()).toEqual(['23', '25']);
  expect(attached.host.apps.get('changing')).toMatchObject({ error: null, errors: 0 });
  expect(await reload(attached, version([23, 25, 26]))).toBe(1);
  expect(await live.ofctl('dump-flows')).toMatch(/arp actions=drop/);
  expect([attached.refused, attached.failures]).toEqual([[], []]);
});
