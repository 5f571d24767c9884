/** The firewall on a real ovs-vswitchd: every flow that it makes is taken and stays as it is; what limits and logs do. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { hexText } from '../../proto/wire/address.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const MAC = '02:00:00:00:00:fe';
const PEER = '02:00:00:00:00:01';

const fileWith = (firewall: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc }, hv1/p2: { access: net } } }
routers:
  edge:
    host: hv1
    mac: "${MAC}"
    interfaces:
      loc: { segment: loc, address: [10.66.66.1/24, "2001:db8:66::1/64"] }
      net: { segment: net, address: 10.88.88.66/24 }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
${firewall}`;

let live: LiveSwitch;
let attached: Attached | undefined;

beforeAll(async () => {
  live = await startLiveSwitch();
});

afterAll(() => live.stop());

afterEach(async () => {
  attached?.close();
  await live.ofctl('del-flows');
  await live.ofctl('del-groups');
  await live.ofctl('del-meters');
});

async function attach(firewall: string): Promise<Attached> {
  attached = await live.attach(fileWith(firewall));
  expect([attached.refused, attached.failures, attached.site.reconciler.problems()]).toEqual([[], [], []]);
  await attached.opened();
  return attached;
}

/** Packets of all flows with this intent. */
async function counted(text: string): Promise<number> {
  const wanted = [...attached!.site.woven.flows.values()].filter(({ intent }) => intent.text === text);
  expect(wanted).not.toEqual([]);
  const dump = await live.ofctl('dump-flows');
  const cookies = new Set(wanted.map(({ cookie }) => `cookie=0x${cookie.toString(16)},`));
  const lines = dump.split('\n').filter((line) => [...cookies].some((cookie) => line.includes(cookie)));
  return lines.reduce((sum, line) => sum + Number(/n_packets=(\d+)/.exec(line)?.[1] ?? 0), 0);
}

const from = (layers: Parameters<typeof buildPacket>[0]) =>
  hexText(buildPacket({ eth: { src: PEER, dst: MAC }, ipv4: { src: '10.88.88.9', dst: '10.88.88.66' }, ...layers }));
const syn = (srcPort: number) => from({ tcp: { srcPort, dstPort: 22, flags: ['syn'] } });
const receive = (...frames: string[]) => live.appctl('netdev-dummy/receive', 'p2', ...frames);

test('what it makes of every kind of rule is taken, equals its dump, and is not sent again', async () => {
  const everything = `  services: { games: [udp 27000-27050, tcp 27015], both: [tcp 1-9, udp 1-9, sctp 5, gre] }
  sets: { admins: [10.66.66.8, 10.77.0.0/24, "2001:db8:66::/64", "2001:db8:66::8"], some: [10.1.0.0/16, 10.2.0.0/16, 10.3.0.9] }
  policy:
    - loc to net accept log limit 2/s burst 3
    - net to all drop log info
    - all to all reject log notice prefix "stray" limit 1/min
  rules:
    - accept ping from net to fw limit 1 packet/s burst 1
    - accept all from loc to fw limit 500 kbit/s burst 100
    - drop ping from net to fw over 84 bytes
    - accept ssh from net to fw over 40 bytes limit 3/min burst 5 log
    - accept http from net to loc:10.66.66.67 limit 100/s
    - reject games from net to loc log warn
    - accept both from net:@some,10.9.0.1 to loc:@admins
    - accept tcp 5000-5010,7 from net:10.4.0.1,10.4.0.2,10.4.0.3 to loc:10.66.66.1,10.66.66.2,10.66.66.3
    - drop icmp 5,13 from all to all
    - reject icmpv6 echo-request,2 from net:2001:db8:1::/48,2001:db8:2::9 to loc log
    - accept udp 7,9 from net:2001:db8:1::1,2001:db8:1::2,10.0.0.1,10.0.0.2 to loc:2001:db8:66::8,10.66.66.8,2001:db8:66::9
    - accept esp,gre from all to all
`;
  const first = await attach(everything);
  // A conjunction is found by its number and the router's.
  const traced = async (src: string, dstPort: number) => {
    const frame = from({ ipv4: { src, dst: '10.66.66.2' }, tcp: { srcPort: 9, dstPort, flags: ['syn'] } });
    return /ct\(commit,zone/.test(await live.appctl('ofproto/trace', 'br0', 'in_port=p2', frame));
  };
  expect([await traced('10.4.0.2', 5003), await traced('10.4.0.2', 5011), await traced('10.4.0.4', 5003)]).toEqual([
    true,
    false,
    false,
  ]);
  const { size } = first.site.woven.flows;
  const { length } = first.syncs;
  await first.site.reconciler.read();
  expect(first.syncs).toHaveLength(length);
  first.close();
  attached = await live.attach(fileWith(everything));
  expect(attached.syncs).toEqual([{ result: { added: 0, deleted: 0, unchanged: size, groups: 0 }, drift: [] }]);
});

test('a limit of connections holds where packets come faster than Open vSwitch looks at its cache, and without us', async () => {
  const firewall = `  policy: [all to all drop]
  rules: [accept ssh from net to fw limit 3/min burst 5]
`;
  const first = await attach(firewall);
  // One after the other, and a hundred at once.
  for (let port = 1; port <= 3; port++) await receive(syn(port));
  first.close();
  await receive(...Array.from({ length: 100 }, (_, i) => syn(1000 + i)));
  attached = await live.attach(fileWith(firewall));
  await until(
    () => counted('all to all drop'),
    (packets) => packets === 98,
  );
  expect(await counted('accept ssh from net to fw limit 3/min burst 5')).toBe(5);
  expect(attached.sent.flowMods).toBe(0);
  // What was let in goes on.
  await receive(...[1, 2, 3].map((srcPort) => from({ tcp: { srcPort, dstPort: 22, flags: ['ack'] } })));
  await until(
    () => counted('accept ssh from net to fw limit 3/min burst 5'),
    (packets) => packets === 8,
  );
});

test('over N bytes: what is larger, and nothing else, is counted there', async () => {
  await attach(`  policy: [all to all accept]
  rules: [drop udp from net to fw over 84 bytes]
`);
  const sized = (bytes: number, srcPort: number) =>
    from({ udp: { srcPort, dstPort: 7 }, payload: new Uint8Array(bytes) });
  await receive(sized(56, 1), sized(57, 2), sized(0, 3), sized(1000, 4));
  await until(
    () => counted('drop udp from net to fw over 84 bytes'),
    (packets) => packets === 2,
  );
  expect(await counted('all to all accept')).toBe(2);
});

test('a log lets the traffic pass and sends no more copies than its limit', async () => {
  await attach('  policy: [all to all accept log info limit 1/s burst 4]\n');
  await receive(...Array.from({ length: 50 }, (_, i) => from({ udp: { srcPort: 1000 + i, dstPort: 7 } })));
  await until(
    () => counted('all to all accept log info limit 1/s burst 4'),
    (packets) => packets === 50,
  );
  const logged = attached!.packetIns('firewall');
  expect(logged).toBeGreaterThan(0);
  expect(logged).toBeLessThan(10);
});
