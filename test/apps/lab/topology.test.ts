/** The app `topology` in a lab: cables found, loops opened, other ways taken when a cable is cut. */

import { expect, test } from 'vitest';
import { topology } from '../../../apps/topology/services.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

/** Three switches, each cabled to both others, a guest at each. */
const ring = (): Promise<Lab> =>
  lab({
    apps: ['topology', 'learning-switch'],
    switches: { s1: ['a', 'to2', 'to3'], s2: ['b', 'to1', 'to3'], s3: ['c', 'to1', 'to2'] },
    links: [
      ['s1:to2', 's2:to1'],
      ['s1:to3', 's3:to1'],
      ['s2:to3', 's3:to2'],
    ],
    guests: {
      ann: { at: 's1:a', ip: '10.0.0.1/24' },
      ben: { at: 's2:b', ip: '10.0.0.2/24' },
      eve: { at: 's3:c', ip: '10.0.0.3/24' },
    },
  });

const cables = (net: Lab, state: string) =>
  net
    .service(topology)
    ?.cables()
    .filter((cable) => cable.state === state).length;

test('the cables of a ring are found, and one of them does not carry: no frame goes round', async () => {
  const net = await ring();
  await net.advance(1);
  expect([cables(net, 'carrying'), cables(net, 'blocked')]).toEqual([2, 1]);
  const sent = await net.send('ann', packet.arp({ dst: '10.0.0.77' }));
  expectPacket(sent).reaches('ben').reaches('eve').nowhereElse();
  for (const guest of ['ben', 'eve']) expect(sent.left.filter((each) => each.guest === guest)).toHaveLength(1);
});

test('when a cable is cut the other way is taken, at once', async () => {
  const net = await ring();
  await net.advance(1);
  for (const [from, to] of [
    ['ann', 'ben'],
    ['ben', 'eve'],
    ['eve', 'ann'],
  ] as const)
    await net.ping(from, to);
  await net.cut('s1:to2');
  await net.advance(1);
  for (const [from, to] of [
    ['ann', 'ben'],
    ['ben', 'eve'],
    ['eve', 'ann'],
  ] as const)
    await net.ping(from, to);
  expect([cables(net, 'carrying'), cables(net, 'blocked')]).toEqual([2, 0]);
  await net.mend('s1:to2');
  await net.advance(2);
  expect([cables(net, 'carrying'), cables(net, 'blocked')]).toEqual([2, 1]);
});

test('a cable that is lost though its ports stay up is missed after three unheard probes', async () => {
  const net = await ring();
  await net.advance(1);
  await net.ping('ann', 'ben');
  await net.cut('s1:to2', { silently: true });
  await expect(net.ping('ann', 'ben')).rejects.toThrow('it is lost at s1:to2, which is cut');
  await net.advance(3);
  await net.ping('ann', 'ben');
});

test('what is closed stays so without Flowloom, and a restart changes nothing', async () => {
  const net = await ring();
  await net.advance(1);
  await net.stop();
  const sent = await net.send('s1:a', packet.layers({ eth: { src: '02:00:00:00:00:99', dst: 'ff:ff:ff:ff:ff:ff' } }));
  expectPacket(sent).leavesNowhere();
  expect((await net.start()).flowMods).toBe(0);
  await net.advance(20);
  expect([cables(net, 'carrying'), cables(net, 'blocked')]).toEqual([2, 1]);
  await net.ping('ann', 'eve');
});

test('a forged probe is not believed', async () => {
  const net = await ring();
  await net.advance(1);
  const [probe] = (await net.advance(20)).left.filter(({ at }) => at === 's1:a');
  expectPacket(await net.send('s2:b', probe!.frame)).leavesNowhere();
  expect(net.appCounters('topology').foreign).toBe(1);
  expect([cables(net, 'carrying'), cables(net, 'blocked')]).toEqual([2, 1]);
});

test("a router's own port, where nothing is switched, is not asked", async () => {
  const file = `
flowloom: 1
hosts: { hv1: {} }
segments: { loc: { subnet: 10.0.0.0/24 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/pc: { access: loc }, hv1/gw0: { type: internal } } } }
routers: { edge: { host: hv1, self: hv1/gw0, interfaces: { loc: { segment: loc, address: 10.0.0.1/24 } } } }
`;
  const net = await lab({ file });
  const { left } = await net.advance(60);
  const probed = left.filter(({ frame }) => frame[12] === 0x88 && frame[13] === 0xcc).map(({ at }) => at);
  expect(new Set(probed)).toEqual(new Set(['hv1/br0:pc']));
});
