/** Rules in order on a real ovs-vswitchd: one more in between is sent alone, also by a Flowloom that has just started. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { type Attached, type LiveSwitch, startLiveSwitch } from './live-switch.ts';

let ovs: LiveSwitch;

beforeEach(async () => {
  ovs = await startLiveSwitch();
});

afterEach(() => ovs.stop());

const fileOf = (rules: string[]) => `
flowloom: 1
hosts: { hv1: {} }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], ports: { hv1/p1: { access: loc }, hv1/p2: { access: net } } }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [net to all drop]
  rules:
${rules.map((rule) => `    - ${rule}`).join('\n')}
`;

const rules = Array.from({ length: 40 }, (_, i) => `accept tcp ${1000 + i} from net to loc`);
const inserted = (at: number, rule: string) => rules.toSpliced(at, 0, rule);

/** Ports of the rules as the switch has them, from the highest priority down. */
async function order(): Promise<number[]> {
  const dump = await ovs.ofctl('dump-flows', 'table=140');
  const found = [...dump.matchAll(/priority=(\d+),tcp,.*tp_dst=(\d+) actions/g)];
  return found.toSorted((a, b) => Number(b[1]) - Number(a[1])).map(([, , port]) => Number(port));
}

async function reload(attached: Attached, text: string): Promise<number> {
  const loaded = parseConfig(text, 'f.yaml');
  if (!loaded.ok) throw new Error('the file is wrong');
  const before = attached.sent.flowMods;
  attached.site.attach(loaded.config);
  await attached.site.reconciler.settled();
  return attached.sent.flowMods - before;
}

const ports = (list: string[]) => list.map((rule) => Number(rule.split(' ')[2]));

test('a reload with one rule more sends its two flows; one that moved is sent again, and no other', async () => {
  const attached = await ovs.attach(fileOf(rules));
  await attached.opened();
  expect(await order()).toEqual(ports(rules));
  const more = inserted(20, 'accept tcp 99 from net to loc');
  expect(await reload(attached, fileOf(more))).toBe(2);
  expect(await order()).toEqual(ports(more));
  // It stands above and below by two flows: the one at its old priority goes.
  const moved = [...rules.slice(1), rules[0]!];
  expect(await reload(attached, fileOf(rules))).toBe(2);
  expect(await reload(attached, fileOf(moved))).toBe(2);
  expect(await order()).toEqual(ports(moved));
  expect(attached.refused).toEqual([]);
});

test('a Flowloom that starts with one rule more sends only that; with the same file nothing', async () => {
  const first = await ovs.attach(fileOf(rules));
  await first.opened();
  await reload(first, fileOf(inserted(7, 'accept tcp 98 from net to loc')));
  first.close();
  const second = await ovs.attach(fileOf(inserted(7, 'accept tcp 98 from net to loc')));
  expect(second.sent.flowMods).toBe(0);
  second.close();
  const more = inserted(7, 'accept tcp 98 from net to loc').toSpliced(30, 0, 'drop tcp 97 from loc to net');
  const third = await ovs.attach(fileOf(more));
  // A drop has one flow. The accepts below are between other zones: none of them is judged again.
  expect(third.sent.flowMods).toBe(1);
  expect(await order()).toEqual(ports(more));
});
