/** A lab as a test sees it: packets, guests, time, cables, and Flowloom coming and going. */

import { expect, test } from 'vitest';
import { defineApp, drop, next, output, punt, z } from '../../src/index.ts';
import { expectPacket, type Lab, lab, packet } from '../../src/testing/index.ts';

/** Forwards between p1 and p2 as a cable does. */
const cable = defineApp({
  name: 'cable',
  tables: { cross: { stage: 'switching' } },
  attach({ dp }) {
    const { cross } = dp.flows;
    cross.set('there', { priority: 1, match: { inPort: 1 }, actions: [output(2)], intent: 'from one end' });
    cross.set('back', { priority: 1, match: { inPort: 2 }, actions: [output(1)], intent: 'from the other end' });
    return {};
  },
});

const ends = {
  ann: { at: 's1:p1', ip: '10.0.0.1/24', ip6: 'fd00::1/64' },
  ben: { at: 's1:p2', ip: '10.0.0.2/24', ip6: 'fd00::2/64' },
};

function pair(more: Partial<Parameters<typeof lab>[0]> = {}): Promise<Lab> {
  return lab({ apps: [cable], switches: { s1: ['p1', 'p2', 'p3'] }, guests: ends, ...more });
}

test('guests answer ARP, neighbour discovery and echo by themselves, unless they shall not', async () => {
  const net = await pair();
  expectPacket(await net.ping('ann', 'ben')).isAnswered({ icmp: { type: 0 } });
  await net.ping('ann', 'fd00::2');
  const silent = await pair({ guests: { ...ends, ben: { ...ends.ben, answers: false } } });
  await expect(silent.ping('ann', 'ben')).rejects.toThrow(
    /^nobody answers ann who has 10\.0\.0\.2: it leaves by s1:p2 \(ben\)\n\nann sends arp who-has/,
  );
});

test('what a short form leaves open follows from the guests', async () => {
  const net = await pair();
  const { mac } = net.guest('ben');
  expectPacket(await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53, payload: 'hello', ttl: 3 })))
    .reaches('ben', { eth: { src: 'ann', dst: mac }, ipv4: { src: 'ann', dst: '10.0.0.2', ttl: 3 }, payload: 'hello' })
    .nowhereElse();
  expectPacket(await net.send('ann', packet.icmp({ src: 'fd00::1', dst: 'ben', type: 128 }))).reaches('ben', {
    ipv6: { src: 'ann', dst: 'ben' },
    ipv4: undefined,
  });
  expectPacket(await net.send('ann', packet.arp({ dst: 'ben', reply: true }))).reaches('ben', {
    arp: { operation: 2, targetAddress: 'ben' },
  });
  // From a port where nobody is known, everything is to be said.
  await expect(net.send('s1:p3', packet.tcp({ dst: 'ben', dstPort: 1 }))).rejects.toThrow(/give the packet a `src`/);
});

test('a guest hands to its gateway what is not on its link, and takes what is for it alone', async () => {
  const net = await pair({ guests: { ann: { ...ends.ann, gateway: '10.0.0.2' }, ben: ends.ben } });
  expectPacket(await net.send('ann', packet.udp({ dst: '192.0.2.1', dstPort: 53 }))).reaches('ben', {
    eth: { dst: 'ben' },
    ipv4: { dst: '192.0.2.1' },
  });
  const others = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53, eth: { dst: '02:00:00:00:00:99' } }));
  expectPacket(others).leaves('s1:p2').doesNotReach('ben');
  const tagged = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53, vlan: 5 }));
  expectPacket(tagged).leaves('s1:p2', { vlan: 5 }).doesNotReach('ben');
});

test('guests in a VLAN send and take its tag', async () => {
  const guests = { ann: { ...ends.ann, vlan: 5 }, ben: { ...ends.ben, vlan: 5 } };
  const net = await pair({ guests });
  expectPacket(await net.ping('ann', 'ben')).leaves('s1:p2', { vlan: 5, vlans: [{ vid: 5 }] });
});

test('counters by intent, of all switches together; those of ports', async () => {
  const net = await pair();
  await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53 }));
  await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53, payload: 'four' }));
  expect(net.counters('from one end')).toEqual({ packets: 2, bytes: 42 + 46 });
  expect(net.counters('from the other end')).toEqual({ packets: 0, bytes: 0 });
  expect(() => net.counters('from one and')).toThrow(/did you mean `from one end`/);
  expect(net.port('s1:p1')).toMatchObject({ number: 1, up: true, received: { packets: 2, bytes: 88 } });
  expect(net.port('s1:p2').sent).toEqual({ packets: 2, bytes: 88 });
  expect(net.flows('s1')).toContain('switching.cross priority=1,in_port=1 actions=output:2');
});

test('a link carries, is cut at both ends, and mended', async () => {
  const net = await lab({
    apps: [cable],
    switches: { s1: ['a', 'b'], s2: ['a', 'b'] },
    links: [['s1:b', 's2:a']],
    guests: { ann: { at: 's1:a', ip: '10.0.0.1' }, ben: { at: 's2:b', ip: '10.0.0.2' } },
  });
  const send = () => net.send('ann', packet.udp({ dst: 'ben', dstPort: 53 }));
  expectPacket(await send())
    .reaches('ben')
    .nowhereElse();
  await net.cut('s1:b');
  expect([net.port('s1:b').up, net.port('s2:a').up]).toEqual([false, false]);
  expectPacket(await send()).isDropped();
  await net.mend('s2:a');
  expect(net.port('s1:b').up).toBe(true);
  expectPacket(await send()).reaches('ben');
  await net.cut('s1:b', { silently: true });
  expect(net.port('s1:b').up).toBe(true);
  const lost = await send();
  expectPacket(lost).leavesNowhere();
  expect(lost.way).toMatch(/⇒ leaves by b .*\n +it is lost at s1:b, which is cut/);
});

const heartbeat = defineApp({
  name: 'heartbeat',
  config: z.strictObject({ seconds: z.number().default(30) }),
  tables: { seen: { stage: 'admit' } },
  counters: { beats: 'How often' },
  attach({ dp, config, counters, timers }) {
    const begun = timers.now();
    const seen = dp.flows.seen.template({
      priority: 1,
      match: { inPort: 1 },
      actions: drop(),
      idleTimeout: 100,
      intent: 'seen',
    });
    timers.every(config.seconds, () => {
      counters.beats.add();
      const text = `${(timers.now() - begun) / 1000}`;
      const data = packet.layers({ eth: { dst: 'ff:ff:ff:ff:ff:ff' }, payload: new TextEncoder().encode(text) });
      dp.packetOut({ data, actions: [output(1)] });
    });
    timers.after(1, () => seen.set());
    return {};
  },
});

test('time stands still until it is let go on, for timers and for timeouts alike', async () => {
  const net = await lab({ apps: [heartbeat], switches: { s1: ['a'] } });
  const begun = net.now;
  expect((await net.advance(29.9)).left).toEqual([]);
  expectPacket(await net.advance(0.1)).leaves('s1:a', { payload: '30' });
  expect(net.flows('s1').join()).toContain('in_port=1 actions=drop');
  expect((await net.advance(65)).left).toHaveLength(2);
  expect(net.flows('s1').join()).toContain('in_port=1 actions=drop');
  await net.advance(10);
  expect(net.flows('s1').join()).not.toContain('in_port=1 actions=drop');
  expect(net.appCounters('heartbeat')).toEqual({ beats: 3 });
  expect(net.now - begun).toBe(105_000);
  await expect(net.advance(-1)).rejects.toThrow(/time goes on/);
});

test('a reload brings another config, and only what differs is sent; one that is wrong changes nothing', async () => {
  const net = await lab({ apps: [[heartbeat, { seconds: 10 }]], switches: { s1: ['a'] } });
  await net.reload({ apps: [[heartbeat, { seconds: 20 }]] });
  expect((await net.advance(19)).left).toEqual([]);
  expect((await net.advance(1)).left).toHaveLength(1);
  await expect(net.reload({ apps: [[heartbeat, { second: 20 }]] })).rejects.toThrow(
    /app "heartbeat": unknown key `second`: did you mean `seconds`\?/,
  );
  expect((await net.advance(20)).left).toHaveLength(1);
});

test('a restart sends nothing, and what stands goes on meanwhile', async () => {
  const net = await pair();
  expect(net.sent.flowMods).toBeGreaterThan(0);
  await net.stop();
  expectPacket(await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53 }))).reaches('ben');
  expect(net.counters('from one end').packets).toBe(1);
  await expect(net.reload({})).rejects.toThrow('the controller is stopped: start it first');
  expect(await net.start()).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0 });
  expect(await net.restart()).toMatchObject({ flowMods: 0 });
  expect(net.log.at(-1)).toMatch(/^info s1 is as it should be: \d+ flows, nothing to send$/);
});

test('`await using` closes a lab at the end of its block', async () => {
  let kept: Lab;
  {
    await using net = await pair();
    kept = net;
    expect(net.sent.flowMods).toBeGreaterThan(0);
  }
  expect(() => kept.sent).toThrow('the controller is stopped');
});

test('an app that gets packets is told of with them; what it sends is part of what became of the packet', async () => {
  const mirror = defineApp({
    name: 'mirror',
    tables: { all: { stage: 'admit' } },
    attach({ dp }) {
      dp.flows.all.set('all', {
        priority: 1,
        match: { inPort: 1 },
        actions: [punt(), next()],
        intent: 'all of port 1',
      });
      return { packetIn: (given) => given.forward(3) };
    },
  });
  const net = await pair({ apps: [mirror, cable] });
  const sent = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 53 }));
  expectPacket(sent)
    .goesTo('mirror', { udp: { dstPort: 53 } })
    .reaches('ben')
    .leaves('s1:p3')
    .nowhereElse();
  expect(sent.packetIns).toHaveLength(1);
});

test('an app that fails in the middle is told in the way, and begins again when its time has come', async () => {
  const moody = defineApp({
    name: 'moody',
    tables: { all: { stage: 'admit' } },
    attach({ dp }) {
      dp.flows.all.set('all', { priority: 1, match: {}, actions: [punt()], intent: 'everything' });
      return {
        packetIn() {
          throw new Error('not today');
        },
      };
    },
  });
  const net = await lab({ apps: [moody], switches: { s1: ['a'] } });
  const sent = await net.send('s1:a', packet.layers({}));
  expect(sent.way).toMatch(
    /the log: error moody on s1: app "moody" failed in packetIn: not today.*begins again in 1 s/,
  );
  expect((await net.send('s1:a', packet.layers({}))).way).not.toContain('not today');
  await net.advance(1);
  expect((await net.send('s1:a', packet.layers({}))).way).toContain('not today');
});

test('two labs that do the same are the same, to the last word', async () => {
  const run = async () => {
    const net = await pair({ apps: ['topology', 'learning-switch', [heartbeat, { seconds: 7 }]] });
    const way = (await net.ping('ann', 'ben')).way;
    const later = await net.advance(60);
    return [way, later.left.length, net.log, net.flows('s1'), net.now];
  };
  expect(await run()).toEqual(await run());
});

test('what can be no lab is refused with what to do', async () => {
  const refused = (options: Parameters<typeof lab>[0]) => expect(lab(options)).rejects;
  const switches = { s1: ['p1', 'p2'] };
  await refused({ switches, links: [['s1:p1', 's2:p1']] }).toThrow('the lab has no switch "s2": did you mean `s1`?');
  await refused({
    switches,
    links: [
      ['s1:p1', 's1:p2'],
      ['s1:p2', 's1:p1'],
    ],
  }).toThrow('two links end at s1:p2: a port has one cable');
  await refused({ switches, guests: { ann: { at: 's1' } } }).toThrow(
    '"s1" is a switch: name one of its ports, such as s1:p1',
  );
  await refused({ switches, guests: { ann: { at: 's1:p9' } } }).toThrow(
    'the lab has no port s1:p9: did you mean `p1`?',
  );
  await refused({ switches, guests: { ann: {} } }).toThrow('where is the guest "ann"?');
  await refused({ switches, guests: { ann: { at: 's1:p1', ip: '10.0.0' } } }).toThrow('"10.0.0" is no address');
  const twice = { ann: { at: 's1:p1' }, ben: { at: 's1:p1' } };
  await refused({ switches, guests: twice }).toThrow('guests "ann" and "ben" are both at s1:p1');
  await refused({ switches, apps: ['routers'] }).toThrow('no app "routers" is built in');
  await refused({ file: 'flowloom: 1\nhosts: {}\n', switches }).toThrow('the lab has no switch "s1"');
  await refused({ file: 'flowloom: 2\n' }).toThrow(/flowloom\.yaml:1/);
  const broken = defineApp({
    name: 'broken',
    attach() {
      throw new Error('no');
    },
  });
  await refused({ switches, apps: [broken] }).toThrow(/app "broken" failed in attach: no/);
});

test('whatever is asked wrongly is told with the line of the test', async () => {
  const net = await pair();
  const asked = [
    () => net.send('bob', packet.layers({})),
    () => net.send('ann', packet.udp({ dst: 'bob', dstPort: 9 })),
    () => net.send('ann', packet.udp({ dst: 's1:p2', dstPort: 9 })),
    () => net.ping('ann', '10.9.9.9'),
    () => net.cut('s1:p9'),
    () => net.move('ann', 's2:p1'),
    async () => net.port('s1:p9'),
    async () => net.flows('s2'),
    async () => net.counters('nothing of the kind'),
    async () => net.appCounters('cables'),
    () => lab({ file: 'no file' }),
  ];
  for (const ask of asked) {
    const error = await ask().then(
      () => new Error('it was taken'),
      (wrong: Error) => wrong,
    );
    expect(error.message).not.toBe('it was taken');
    const first = error.stack?.split('\n').find((line) => line.startsWith('    at '));
    expect(first, String(ask)).toContain('lab.test.ts');
  }
});

test('a loop that nothing opens is told, not walked for ever', async () => {
  const net = await lab({
    apps: [cable],
    switches: { s1: ['a', 'b'], s2: ['a', 'b'] },
    links: [
      ['s1:a', 's2:b'],
      ['s1:b', 's2:a'],
    ],
  });
  await expect(net.send('s1:a', packet.layers({}))).rejects.toThrow('frames go round in the lab without end');
});

test('an app that never comes to rest is told, not waited for', async () => {
  const restless = defineApp({
    name: 'restless',
    attach({ timers }) {
      const again = () => timers.after(0, again);
      again();
      return {};
    },
  });
  await expect(lab({ apps: [restless], switches: { s1: ['a'] } })).rejects.toThrow('the lab does not come to rest');
});
