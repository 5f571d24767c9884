/** What is said where a packet goes another way than a test states: short, exact, and followed by the packet's way. */

import { expect, test } from 'vitest';
import loadBalancer from '../../examples/load-balancer/index.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { defineApp, drop, punt } from '../../src/index.ts';
import { expectPacket, type Lab, lab, type PacketExpectation, packet } from '../../src/testing/index.ts';

const noTelnet = defineApp({
  name: 'no-telnet',
  tables: { admit: { stage: 'admit' } },
  attach({ dp }) {
    const telnet = { ethType: 0x0800, ipProto: 6, tcpDst: 23 } as const;
    dp.flows.admit.set('telnet', { priority: 100, match: telnet, actions: drop(), intent: 'no telnet here' });
    const echo = { ethType: 0x0800, ipProto: 17, udpDst: 7 } as const;
    dp.flows.admit.set('echo', { priority: 90, match: echo, actions: [punt()], intent: 'who asks?' });
    return {};
  },
});

const forward = defineApp({
  name: 'forward',
  tables: { to: { stage: 'switching' } },
  attach({ dp }) {
    const to = (mac: string, port: number, intent: string) =>
      dp.flows.to.set(mac, {
        priority: 1,
        match: { ethDst: mac },
        actions: [{ type: 'output', port }],
        intent: { text: intent, source: 'net.yaml:7' },
      });
    to('02:00:00:00:00:01', 1, 'ann is at port 1');
    to('02:00:00:00:00:02', 2, 'ben is at port 2');
    return {};
  },
});

function network(): Promise<Lab> {
  return lab({
    apps: [noTelnet, forward],
    switches: { s1: ['p1', 'p2', 'p3'] },
    guests: {
      ann: { at: 's1:p1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
      ben: { at: 's1:p2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
      eve: { at: 's1:p3', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
    },
  });
}

function saying(state: () => unknown): string {
  try {
    state();
  } catch (error) {
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    // The first line of the stack is the test's, where runners look for it.
    expect((error as Error).stack?.split('\n').find((line) => line.startsWith('    at '))).toContain(
      'messages.test.ts',
    );
    return (error as Error).message;
  }
  throw new Error('nothing was said');
}

test('a packet that a flow drops: the flow, its app and its intent', async () => {
  const net = await network();
  const sent = await net.send('ann', packet.tcp({ dst: 'ben', dstPort: 23 }));
  expect(saying(() => expectPacket(sent).reaches('ben'))).toBe(`the packet of ann does not reach ben: it is dropped

ann sends 10.0.0.1:49152 → 10.0.0.2:23 tcp syn
  s1, from p1: 10.0.0.1:49152 → 10.0.0.2:23 tcp syn
    table 0 classify: weaver: classify: what nothing matched goes on to admit [priority=0]
    table 24 admit: no-telnet: no telnet here [priority=100,tcp,tp_dst=23]: drop`);
});

test('a packet that arrives as another one: the field that differs, and the line of the file', async () => {
  const net = await network();
  const sent = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53 }));
  expect(saying(() => expectPacket(sent).leaves('s1:p2', { ipv4: { dst: 'eve' } }))).toBe(
    `the packet of ann leaves by s1:p2, but not with ipv4.dst eve: ipv4.dst is 10.0.0.2, not 10.0.0.3 (eve)

ann sends 10.0.0.1:49152 → 10.0.0.2:53 udp
  s1, from p1: 10.0.0.1:49152 → 10.0.0.2:53 udp
    table 0 classify: weaver: classify: what nothing matched goes on to admit [priority=0]
    table 24 admit: weaver: admit: what nothing matched goes on to switching.to [priority=0]
    table 184 switching.to: forward: ben is at port 2 (net.yaml:7) [priority=1,dl_dst=02:00:00:00:00:02]
      output:2
    ⇒ leaves by p2 (port 2): 10.0.0.1:49152 → 10.0.0.2:53 udp`,
  );
});

/** First lines alone. */
test.for<[string, (sent: PacketExpectation) => unknown, string | RegExp]>([
  ['tcp 23', (sent) => sent.leaves('s1:p2'), 'the packet of ann does not leave by s1:p2: it is dropped'],
  ['tcp 23', (sent) => sent.goesTo('no-telnet'), 'the packet of ann does not go to the app no-telnet: it is dropped'],
  ['tcp 23', (sent) => sent.isAnswered(), 'the packet of ann is not answered: it is dropped'],
  ['tcp 80', (sent) => sent.isDropped(), 'the packet of ann is not dropped: it leaves by s1:p2 (ben)'],
  ['tcp 80', (sent) => sent.leavesNowhere(), 'the packet of ann is not kept: it leaves by s1:p2 (ben)'],
  ['tcp 80', (sent) => sent.nowhereElse(), 'the packet of ann leaves by s1:p2, too'],
  ['tcp 80', (sent) => sent.reaches('eve'), 'the packet of ann does not reach eve: it leaves by s1:p2 (ben)'],
  [
    'tcp 80',
    (sent) => sent.doesNotReach('ben'),
    /^the packet of ann reaches ben: 10\.0\.0\.1:49152 → 10\.0\.0\.2:80 tcp syn$/,
  ],
  ['tcp 80', (sent) => sent.doesNotLeave('s1:p2'), /^the packet of ann leaves by s1:p2: 10\.0\.0\.1:/],
  [
    'tcp 80',
    (sent) => sent.reaches('ben', { vlan: 5 }),
    'the packet of ann reaches ben, but not with vlan 5: it has no vlan',
  ],
  [
    'tcp 80',
    (sent) => sent.reaches('ben', { tcp: undefined }),
    /^the packet of ann reaches ben, but not with no tcp: tcp is .*, and there should be none$/,
  ],
  [
    'tcp 80',
    (sent) => sent.reaches('ben', { tcp: { flags: ['syn', 'ack'], dstPort: 80 } }),
    'the packet of ann reaches ben, but not with tcp.flags syn ack, tcp.dstPort 80: tcp.flags is syn, not syn ack',
  ],
  [
    'udp 7',
    (sent) => sent.isDropped(),
    'the packet of ann is not dropped: it goes to the app no-telnet, and ends there',
  ],
  [
    'udp 7',
    (sent) => sent.goesTo('no-telnet', { udp: { srcPort: 1 } }),
    'the packet of ann goes to the app no-telnet, but not with udp.srcPort 1: udp.srcPort is 49152, not 1',
  ],
  ['udp 7', (sent) => sent.reaches('bob'), 'the lab has no guest "bob": use one of ann, ben, eve'],
  ['udp 7', (sent) => sent.leaves('s1:p4'), 'the lab has no port s1:p4: did you mean `p1`?'],
  ['udp 7', (sent) => sent.goesTo('telnet'), 'the lab has no app "telnet": use one of no-telnet, forward'],
])('%s: %s', async ([what, state, said]) => {
  const [kind, port] = what.split(' ');
  const net = await network();
  const dstPort = Number(port);
  const sent = await net.send(
    'ann',
    kind === 'tcp' ? packet.tcp({ dst: 'ben', dstPort }) : packet.udp({ dst: 'ben', dstPort }),
  );
  const [first] = saying(() => state(expectPacket(sent))).split('\n');
  expect(first).toEqual(typeof said === 'string' ? said : expect.stringMatching(said));
});

test('a packet for somebody else: the guest does not take it', async () => {
  const net = await network();
  const sent = await net.send('ann', packet.udp({ dst: '10.0.0.9', dstPort: 9, eth: { dst: '02:00:00:00:00:02' } }));
  expectPacket(sent).reaches('ben');
  const tagged = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 9, vlan: 5 }));
  expect(saying(() => expectPacket(tagged).reaches('ben')).split('\n')[0]).toBe(
    'the packet of ann comes to ben, who does not take it: vlan 5 · 10.0.0.1:49152 → 10.0.0.2:9 udp',
  );
});

test('a ping that is not answered says how far it came', async () => {
  const net = await network();
  // To nobody: who has it is asked of all, and no flow is for all.
  const asked = await net.ping('ann', 'ben').catch((error: Error) => error.message);
  expect(asked).toMatch(/^nobody answers ann who has 10\.0\.0\.2: it is dropped\n\nann sends arp who-has 10\.0\.0\.2/);
  const sent = await net.send('eve', packet.ping('eve', 'ben'));
  expectPacket(sent).reaches('ben');
  expect(saying(() => expectPacket(sent).isAnswered())).toMatch(
    /^the answer of ben does not come back: it is dropped\n\neve sends [\s\S]*\nben sends icmp echo reply [\s\S]*table 184 switching.to: no flow matches/,
  );
});

test('connection tracking, NAT and groups are in the way, too', async () => {
  const server = { address: '10.0.0.2', mac: '02:00:00:00:00:02' };
  const net = await lab({
    apps: [[loadBalancer as AnyApp, { address: '10.0.0.100', port: 80, servers: [server] }], forward],
    switches: { s1: ['p1', 'p2'] },
    guests: { ann: { at: 's1:p1', ip: '10.0.0.1/24' }, ben: { at: 's1:p2', ip: '10.0.0.2/24', mac: server.mac } },
  });
  const { way } = await net.send('ann', packet.tcp({ dst: '10.0.0.100', dstPort: 80 }));
  const steps = [
    /table \d+ admit\.arrive: load-balancer: connections to 10\.0\.0\.100:80 \[priority=100,tcp,/,
    /ct\(table=\d+,zone=\d+,nat\)/,
    /conntrack, zone \d+: new\|trk/,
    /and goes on:/,
    /table \d+ admit\.choose: load-balancer: a new connection gets a server \[/,
    /group:\d+/,
    /ct\(commit,table=\d+,zone=\d+,nat\(dst=10\.0\.0\.2:80\)\)/,
    /conntrack, zone \d+: new\|trk\|dnat/,
    /load-balancer: connections of 10\.0\.0\.2 \[/,
    /forward: ben is at port 2 \(net\.yaml:7\)/,
    /⇒ leaves by p2 \(port 2\): 10\.0\.0\.1:49152 → 10\.0\.0\.2:80 tcp syn/,
  ];
  let rest = way;
  for (const step of steps) {
    expect(rest).toMatch(step);
    rest = rest.slice(rest.search(step) + 1);
  }
});

test('what a packet met is told as it was then, though the flow is gone or Flowloom is stopped', async () => {
  const net = await network();
  const sent = await net.send('ann', packet.tcp({ dst: 'ben', dstPort: 23 }));
  await net.reload({ apps: [forward] });
  expect(sent.way).toContain('no-telnet: no telnet here [priority=100,tcp,tp_dst=23]: drop');
  await net.stop();
  expect((await net.send('ann', packet.tcp({ dst: 'ben', dstPort: 23 }))).way).toContain('forward: ben is at port 2');
});

test('a frame that is lost on a cut cable is told so, and not as dropped', async () => {
  const net = await network();
  await net.cut('s1:p2', { silently: true });
  const sent = await net.send('ann', packet.tcp({ dst: 'ben', dstPort: 80 }));
  expect(() => expectPacket(sent).reaches('ben')).toThrow(
    /^the packet of ann does not reach ben: it is lost at s1:p2, which is cut\n/,
  );
});

test('a delivery that is not awaited, and an option that there is not, are told as that', async () => {
  const net = await network();
  const coming = net.send('ann', packet.tcp({ dst: 'ben', dstPort: 80 }));
  expect(() => expectPacket(coming as never)).toThrow(/^expectPacket wants what `await net\.send\(…\)` gives/);
  await coming;
  await expect(lab({ link: [] } as never)).rejects.toThrow(/^the lab has no option "link": did you mean `?links`?/);
});
