/** Conntrack zones on a real ovs-vswitchd: a restart leaves their connections, another router finds none of them. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createNumbering } from '../../src/flow/allocate/numbering.ts';
import { createStore } from '../../src/store/store.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = (router: string, rule = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc }, hv1/p2: { access: net } } }
routers:
  ${router}:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
firewall:
  zones: { loc: [${router}/loc], net: [${router}/net] }
  policy: [loc to net accept]
${rule}`;

/** Its name gives it the same conntrack zone as router edge has. */
const zoneOf = (router: string) => createNumbering(0xffff)(`router ${router}`);
const zone = zoneOf('edge');
const twin = (() => {
  for (let n = 0; ; n++) if (zoneOf(`r${n}`) === zone) return `r${n}`;
})();

let live: LiveSwitch;
const open: Attached[] = [];

beforeAll(async () => {
  live = await startLiveSwitch();
});
afterAll(() => live.stop());
afterEach(async () => {
  for (const attached of open.splice(0)) attached.close();
  await live.ofctl('del-flows');
  await live.ofctl('del-groups');
  await live.appctl('dpctl/flush-conntrack');
});

async function attach(...args: Parameters<LiveSwitch['attach']>): Promise<Attached> {
  const attached = await live.attach(...args);
  open.push(attached);
  expect([attached.failures, attached.refused]).toEqual([[], []]);
  await attached.opened();
  return attached;
}

/** UDP from 10.66.66.67 to 10.88.88.1: committed by the firewall, on its way to a next hop that nobody knows. */
async function connect(): Promise<void> {
  const packet = [
    'in_port(1)',
    'eth(src=02:00:00:00:00:aa,dst=02:00:00:00:00:fe)',
    'eth_type(0x0800)',
    'ipv4(src=10.66.66.67,dst=10.88.88.1,proto=17,tos=0,ttl=64,frag=no)',
    'udp(src=5000,dst=5001)',
  ].join();
  await until(
    async () => {
      await live.appctl('netdev-dummy/receive', 'p1', packet);
      return connections();
    },
    (found) => found.includes('10.88.88.1'),
  );
}

/** Of the routers' zone. */
async function connections(): Promise<string> {
  const all = await live.appctl('dpctl/dump-conntrack');
  return all
    .split('\n')
    .filter((line) => line.includes(`zone=${zone}`))
    .join('\n');
}

test('a restart flushes nothing, remembered or not, also with another rule in the file', async () => {
  (await attach(network('edge'))).close();
  await connect();
  const before = await connections();
  expect(before).toMatch(/udp,orig=\(src=10\.66\.66\.67,dst=10\.88\.88\.1,.*mark=1,labels=/);
  (await attach(network('edge'))).close();
  expect(await connections()).toBe(before);
  (await attach(network('edge', '  rules: [drop tcp 22 from net to loc]\n'))).close();
  expect(await connections()).toBe(before);
});

test("another router that gets the zone's number finds no connections in it", async () => {
  (await attach(network('edge'))).close();
  await connect();
  const other = await attach(network(twin));
  expect(await live.ofctl('dump-flows')).toContain(`zone=${zone}`);
  await until(connections, (found) => found === '');
  // Before the flows that use it.
  const { messages } = other;
  expect(messages.indexOf('ctFlushZone')).toBeGreaterThanOrEqual(0);
  expect(messages.indexOf('ctFlushZone')).toBeLessThan(messages.indexOf('bundleControl'));
  // In that run it is in use: nothing is flushed again.
  await connect();
  const before = await connections();
  await live.ofctl('del-flows', 'table=92');
  await other.site.reconciler.read();
  await other.site.reconciler.settled();
  expect(await live.ofctl('dump-flows', 'table=92')).toContain(`zone=${zone}`);
  expect(await connections()).toBe(before);
});

test('what is remembered of a switch counts, whatever stands there', async () => {
  const memory = createStore();
  (await attach(network('edge'), { memory })).close();
  await connect();
  const before = await connections();
  // All flows are gone, as after `ovs-ofctl del-flows`: it is the same router's nevertheless.
  await live.ofctl('del-flows');
  (await attach(network('edge'), { memory })).close();
  expect(await connections()).toBe(before);
  // Without the memory nobody could know.
  await live.ofctl('del-flows');
  (await attach(network('edge'))).close();
  await until(connections, (found) => found === '');

  await connect();
  (await attach(network(twin), { memory })).close();
  await until(connections, (found) => found === '');
});
