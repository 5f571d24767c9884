/** What the gate does with packets, on a simulated switch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectPacket, type Lab, lab, packet } from 'flowloom/testing';
import app from './index.ts';

/** One switch: alice and mallory at two ports, the server at a third one. */
function network(): Promise<Lab> {
  return lab({
    apps: [[app, { port: 22, knocks: [7000, 8000, 9000], within: 10, open: 60 }], 'learning-switch'],
    switches: { s1: ['p1', 'p2', 'p3'] },
    guests: {
      alice: { at: 's1:p1', ip: '10.0.0.1/24' },
      mallory: { at: 's1:p2', ip: '10.0.0.2/24' },
      server: { at: 's1:p3', ip: '10.0.0.9/24' },
    },
  });
}

const to = (dstPort: number) => packet.tcp({ dst: 'server', dstPort });

async function knock(net: Lab, who: string, ...ports: number[]): Promise<void> {
  for (const port of ports) await net.send(who, to(port));
}

test('the port is closed, all others are open', async () => {
  const net = await network();
  expectPacket(await net.send('alice', to(22))).isDropped();
  expectPacket(await net.send('alice', to(80))).reaches('server');
  assert.equal(net.counters('port 22 is closed').packets, 1);
});

test('a knock comes to the app, and to nobody else', async () => {
  const net = await network();
  expectPacket(await net.send('alice', to(7000)))
    .goesTo('port-knocking')
    .leavesNowhere();
});

test('three right knocks open it, for who has knocked', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 8000, 9000);
  expectPacket(await net.send('alice', to(22))).reaches('server');
  expectPacket(await net.send('mallory', to(22))).isDropped();
  assert.equal(net.appCounters('port-knocking').opened, 1);
});

test('in the wrong order they do not', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 9000, 8000);
  expectPacket(await net.send('alice', to(22))).isDropped();
});

test('after a wrong knock one may begin anew', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 9000, 7000, 8000, 9000);
  expectPacket(await net.send('alice', to(22))).reaches('server');
});

test('who is too slow has to begin anew', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 8000);
  await net.advance(11);
  await knock(net, 'alice', 9000);
  expectPacket(await net.send('alice', to(22))).isDropped();
});

test('it stays open while it is used, and a minute longer', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 8000, 9000);
  await net.advance(50);
  expectPacket(await net.send('alice', to(22))).reaches('server');
  await net.advance(50);
  expectPacket(await net.send('alice', to(22))).reaches('server');
  await net.advance(61);
  expectPacket(await net.send('alice', to(22))).isDropped();
});

test('a restart of Flowloom closes nothing, and sends nothing', async () => {
  const net = await network();
  await knock(net, 'alice', 7000, 8000, 9000);
  const sent = await net.restart();
  assert.equal(sent.flowMods, 0);
  expectPacket(await net.send('alice', to(22))).reaches('server');
});
