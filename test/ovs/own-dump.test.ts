/** What our apps declare equals Open vSwitch's own dump of it: a second look, and a second run, find nothing to do. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { isOurs, isReactive } from '../../src/flow/cookie.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../src/flow/text/instructions.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = `flowloom: 1
hosts:
  hv1: { underlay: 192.168.50.4 }
  hv2: { underlay: 192.168.50.5 }
segments:
  loc: { vlan: 100, subnet: 10.66.66.0/24, overlay: vxlan }
  dmz: { vlan: 200, subnet: 10.66.77.0/24 }
  net: { vlan: 300, subnet: 10.88.88.0/24 }
  cust: { vlan: 400, subnet: 10.55.0.0/16 }
bridges:
  br0:
    hosts: [hv1, hv2]
    datapath: netdev
    ports:
      hv1/p1: { access: loc, address: 10.66.66.67, mac: "02:00:00:aa:00:01" }
      hv1/p2: { trunk: [loc, dmz, cust], native: net }
      hv1/p3: { dot1q-tunnel: cust }
      hv1/p5: {}
      hv1/p6: { access: cust }
      hv1/p4:
        access: dmz
        address: [10.66.77.32/28, "2001:db8:77::4"]
        mac: ["02:00:00:aa:00:04", "02:00:00:aa:00:05"]
        serves: [ra]
      hv2/q1: { access: loc }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: [10.66.66.1/24, "fd00::1/64"] }
      dmz: { segment: dmz, address: [10.66.77.1/24, "fd00:77::1/64"] }
      net: { segment: net, address: [10.88.88.66/24, 10.88.88.67/24, "2001:db8::66/32"], options: [norfc1918, nosmurfs, tcpflags, routefilter, routeback] }
    routes:
      - default via 10.88.88.1
      - 10.99.0.0/16 via 10.66.77.9
      - 10.98.0.0/16 via 10.66.77.9, 10.66.66.9, 10.88.88.2
      - 10.97.0.0/16 unreachable
      - 10.96.0.0/16 prohibit
      - 10.95.0.0/16 blackhole
      - default via fe80::1 dev dmz
      - fd00:99::/48 via fd00::9, fd00:77::9
      - fd00:98::/48 unreachable
  inner:
    host: hv1
    self: hv1/p5
    interfaces:
      dmz: { segment: dmz, address: [10.66.77.2/24, "fd00:77::2/64"] }
  outer:
    host: hv1
    self: hv1/p6
    interfaces:
      cust: { segment: cust, address: follow }
nat:
  - snat 10.66.66.0/28 to 10.88.88.70-10.88.88.75 out edge/net
  - snat 10.66.77.0/24 to 10.88.88.67 out edge/net
  - forward udp 10.88.88.66:53 to 10.66.66.67:5353
  - forward tcp 10.88.88.66:80 to 10.66.77.5:8080
  - forward tcp 10.88.88.66:8800 to 10.66.77.5:8080
  - forward tcp 10.88.88.67:100-108 from 192.0.2.0/24 to 10.66.77.5
  - forward udp edge/net:5000-5003 to 10.66.66.67:6000-6003
  - one-to-one 10.88.88.128/30 with 10.66.66.128/30
  - exempt 10.66.66.0/24 to 10.99.0.0/16 out edge/net
  - forward tcp [2001:db8::66]:80-90 to [fd00::67]
  - one-to-one 2001:db8:1:2:3::/80 with fd00:0:0:0:5::/80
  - one-to-one 2001:db8::44 with fd00::44
  - snat fd00::8/125 to 2001:db8::9-2001:db8::c out edge/net
  - masquerade fd00::/64 out edge/net
  - masquerade 10.66.66.0/24 out edge/net ports 2000-3000
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
  policy:
    - loc to all accept
    - net to all drop
  rules:
    - accept ping from all to fw
    - accept ssh from net to dmz
    - drop tcp 8080 from net:192.0.2.0/24 to dmz
    - accept tcp 8080 from net to dmz:10.66.77.5
    - accept udp 5353 from net to loc
apps:
  table-miss: { action: controller }
  static-flows:
    flows:
      - intent: no web from here
        priority: 1000
        match: { ethType: 0x0800, ipProto: 6, tcpDst: 80, ipv4Src: { value: 10.66.66.128, mask: 255.255.255.128 } }
        actions: [drop]
      - intent: other fields
        priority: 1001
        match: { inPort: 1, ethDst: { value: "02:00:00:00:00:00", mask: "ff:ff:ff:00:00:00" }, ethType: 0x0806, arpOp: 1 }
        actions: [{ set: { ethSrc: "02:00:00:00:00:09", metadata: 7 } }, next]
      - intent: IPv6
        priority: 1002
        match: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 135, ipv6Src: "2001:db8::1" }
        actions: [{ output: p2 }, normal]
      - intent: tagged
        priority: 1003
        match: { vlanVid: { value: 0x1000, mask: 0x1000 }, vlanPcp: 3, ethType: 0x0800, ipDscp: 10 }
        actions: [next]
`;

const vxlan = ['add-port', 'br0', 'vx4789t64', '--', 'set', 'interface', 'vx4789t64', 'type=vxlan'];
const flowBased = ['options:remote_ip=flow', 'options:key=flow'];

let live: LiveSwitch;
const open: Attached[] = [];

beforeAll(async () => {
  const dummy = (name: string) => ['add-port', 'br0', name, '--', 'set', 'interface', name, 'type=dummy'];
  live = await startLiveSwitch([...vxlan, ...flowBased], dummy('p5'), dummy('p6'));
});

afterAll(() => live.stop());

afterEach(async () => {
  for (const attached of open.splice(0)) attached.close();
  await live.ofctl('del-flows');
  await live.ofctl('del-groups');
});

/** With all ports open: one that is opened later, when its probe was not answered, would change what stands. */
async function attach(text: string | undefined): Promise<Attached> {
  const attached = await live.attach(text);
  open.push(attached);
  expect(attached.failures).toEqual([]);
  await attached.opened();
  return attached;
}

/** Every flow of ours in the switch's dump, as text; `dumped` false: as it was declared. */
function ownFlows({ site }: Attached, dumped: boolean): string[] {
  const timed = new Map(Array.from(site.timed.flows(), (flow) => [flow.identity, flow]));
  return [...site.reconciler.actual.values()]
    .filter(({ cookie }) => isOurs(MAIN, cookie))
    .map((actual) => {
      const flow = dumped ? actual : (site.reconciler.desired(actual.identity) ?? timed.get(actual.identity));
      if (flow === undefined) return `nobody declared ${actual.identity}`;
      const { tableId, priority, content } = flow;
      return `${tableId},${priority} ${formatMatch(flow.match)} actions=${formatInstructions(flow.instructions)} ${content}`;
    })
    .sort();
}

const counts = ({ sent }: Attached) => ({ ...sent });

async function expectStable(attached: Attached): Promise<void> {
  const before = counts(attached);
  const syncs = attached.syncs.length;
  await attached.site.reconciler.read();
  expect(ownFlows(attached, true)).toEqual(ownFlows(attached, false));
  expect(counts(attached)).toEqual(before);
  expect(attached.syncs.length).toBe(syncs);
}

test('segments, tunnels, router, NAT, firewall, static flows: nothing to do at a second look, nor in a second run', async () => {
  const first = await attach(network);
  expect(first.refused).toEqual([]);
  expect(first.site.reconciler.problems()).toEqual([]);
  const { size } = first.site.woven.flows;
  expect(size).toBeGreaterThan(120);
  expect(first.syncs[0]!.result.groups).toBeGreaterThan(4);
  await expectStable(first);
  expect(ownFlows(first, true)).toHaveLength(size);

  first.close();
  const second = await attach(network);
  expect(counts(second)).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  expect(second.syncs).toEqual([{ result: { added: 0, deleted: 0, unchanged: size, groups: 0 }, drift: [] }]);
});

test.for(['drop', 'normal', 'controller'])('table-miss %s equals its dump', async (action) => {
  const first = await attach(`flowloom: 1\nhosts: { hv1: }\napps: { table-miss: { action: ${action} } }\n`);
  expect(first.syncs[0]!.result.added).toBeGreaterThan(0);
  await expectStable(first);
  first.close();
  expect(counts(await attach(`flowloom: 1\nhosts: { hv1: }\napps: { table-miss: { action: ${action} } }\n`))).toEqual({
    flowMods: 0,
    groupMods: 0,
    meterMods: 0,
    bundles: 0,
  });
});

test('learning-switch: its flows from traffic equal their dump, and outlive the controller', async () => {
  const first = await attach(undefined);
  const packet = (port: string, source: number, destination: number) =>
    live.appctl(
      'netdev-dummy/receive',
      port,
      `0200000000${hex(destination)}0200000000${hex(source)}88b5${'00'.repeat(50)}`,
    );
  await until(
    async () => {
      await packet('p1', 1, 2);
      await packet('p2', 2, 1);
      await first.site.reconciler.read();
      return [...first.site.reconciler.actual.values()].filter(({ cookie }) => isReactive(cookie)).length;
    },
    (found) => found === 2,
  );
  await expectStable(first);
  first.close();
  const second = await attach(undefined);
  expect(counts(second)).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  expect((await live.ofctl('dump-flows')).match(/idle_timeout=300/g)).toHaveLength(2);
});

function hex(number: number): string {
  return number.toString(16).padStart(2, '0');
}

test('drift: a flow of ours that was deleted, or changed, or made up, is repaired and named', async () => {
  const attached = await attach(network);
  // Ports that are new to topology are closed for a moment: its flows come and go by themselves.
  await attached.opened();
  const standing = () =>
    [...attached.site.reconciler.actual.values()]
      .filter(({ identity }) => attached.site.reconciler.desired(identity)?.app !== 'topology')
      .map(({ identity, content }) => `${identity} ${content}`)
      .toSorted();
  const before = standing();
  const dump = [...attached.site.reconciler.actual.values()];
  const victim = dump.find(
    (flow) => attached.site.reconciler.desired(flow.identity)?.intent.text === 'no web from here',
  )!;
  await live.ofctl('del-flows', `table=${victim.tableId},tcp,nw_src=10.66.66.128/25,tp_dst=80`);
  await live.ofctl('mod-flows', `table=${victim.tableId},vlan_tci=0x7000/0xf000,ip,ip_dscp=10,actions=drop`);
  await live.ofctl('add-flow', `cookie=0x${victim.cookie.toString(16)},table=200,priority=5,actions=drop`);
  // Nobody asks: the switch's flow monitor tells of it.
  const { reconciler } = attached.site;
  await until(
    () => reconciler.drift.length,
    (found) => found === 3,
  );
  await reconciler.settled();
  expect(reconciler.monitor.state).toBe('on');
  expect(reconciler.drift.map(({ text }) => text).toSorted()).toEqual([
    'a flow with our cookie that no app declared stood in table 200',
    'static-flows: no web from here (f.yaml:84) was gone',
    'static-flows: tagged (f.yaml:96) was changed',
  ]);
  expect(reconciler.drift.find(({ intent }) => intent === 'tagged')?.app).toBe('static-flows');
  await expectStable(attached);
  expect(standing()).toEqual(before);
});

test('a foreign flow is left alone; where ours would stand in its place, it is told, until the place is free', async () => {
  await live.ofctl('add-flow', 'cookie=0x1,table=3,priority=77,in_port=2,actions=drop');
  await live.ofctl('add-flow', 'cookie=0x2,table=240,priority=0,actions=drop');
  const attached = await attach('flowloom: 1\nhosts: { hv1: }\napps: { table-miss: { action: normal } }\n');
  expect(attached.refused).toEqual([
    expect.stringMatching(/table-miss: table miss: normal.*: a foreign flow \(cookie 0x2\) stands at the same/),
  ]);
  await expectStable(attached);
  expect(attached.refused).toHaveLength(1);
  expect(await live.ofctl('dump-flows')).toMatch(/cookie=0x1, .*table=3, .*priority=77,in_port=p?2 actions=drop/);

  await live.ofctl('del-flows', 'cookie=0x2/-1');
  await attached.site.reconciler.read();
  expect(attached.site.reconciler.problems()).toEqual([]);
  expect(await live.ofctl('dump-flows', 'table=240')).toContain('actions=NORMAL');
  expect(await live.ofctl('dump-flows')).toContain('cookie=0x1,');
});

const refusedFile = (action: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 } }
bridges: { br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc } } } }
apps:
  static-flows:
    flows:
      - { intent: one that cannot be, priority: 9, match: { inPort: 1 }, actions: [${action}] }
      - { intent: a good one, priority: 8, match: { inPort: 1 }, actions: [next] }
`;

test('a flow that the switch refuses is quarantined with its intent, once, and all others stand', async () => {
  const attached = await attach(refusedFile('{ output: 65281 }'));
  expect(attached.refused).toEqual([expect.stringMatching(/^static-flows: one that cannot be.*: BAD_ACTION\//)]);
  expect(attached.site.reconciler.problems()).toEqual(attached.refused);
  expect(ownFlows(attached, true)).toHaveLength(attached.site.woven.flows.size - 1);
  await expectStable(attached);
  expect(attached.refused).toHaveLength(1);

  // Drift elsewhere does not name what is quarantined, nor send it again.
  const { flowMods } = attached.sent;
  await live.ofctl('del-flows', 'table=240');
  await attached.site.reconciler.read();
  expect(attached.syncs.at(-1)!.drift).toEqual(['table-miss: table miss: drop was gone']);
  expect(attached.sent.flowMods).toBe(flowMods + 1);
});
