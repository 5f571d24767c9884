/** Who gets which connection, on a simulated switch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectPacket, type Lab, lab, packet } from 'flowloom/testing';
import app from './index.ts';

const heavy = { address: '10.0.0.11', mac: '02:00:00:00:00:11', weight: 3 };
const light = { address: '10.0.0.12', mac: '02:00:00:00:00:12', weight: 1 };
const config = { address: '10.0.0.100', port: 80, servers: [heavy, light] };

/** A client and two servers at one switch. */
function network(): Promise<Lab> {
  return lab({
    apps: [[app, config], 'learning-switch'],
    switches: { s1: ['p1', 'p2', 'p3'] },
    guests: {
      client: { at: 's1:p1', ip: '10.0.0.1/24' },
      heavy: { at: 's1:p2', ip: '10.0.0.11/24', mac: heavy.mac },
      light: { at: 's1:p3', ip: '10.0.0.12/24', mac: light.mac },
    },
  });
}

/** The client connects from a port of its own: what does the server get, and which one is it? */
async function connect(net: Lab, srcPort: number): Promise<{ server: string; frame: Uint8Array }> {
  const sent = await net.send('client', packet.tcp({ dst: '10.0.0.100', srcPort, dstPort: 80 }));
  const [arrived] = sent.left.filter(({ taken }) => taken);
  assert(arrived?.guest !== undefined, sent.way);
  return { server: arrived.guest, frame: arrived.frame };
}

test('the switch answers for the common address', async () => {
  const net = await network();
  const asked = await net.send('client', packet.arp({ dst: '10.0.0.100' }));
  expectPacket(asked).reaches('client', { arp: { senderAddress: '10.0.0.100', senderMac: '02:1b:00:00:00:01' } });
});

test('a server gets the connection at its own address, and answers from the common one', async () => {
  const net = await network();
  const { server, frame } = await connect(net, 40001);
  const answered = await net.send(server, packet.answer(frame));
  expectPacket(answered).reaches('client', {
    ipv4: { src: '10.0.0.100', dst: 'client' },
    tcp: { srcPort: 80, dstPort: 40001, flags: ['syn', 'ack'] },
  });
});

test('all packets of a connection go to the server that was chosen', async () => {
  const net = await network();
  const { server, frame } = await connect(net, 40002);
  await net.send(server, packet.answer(frame));
  const more = packet.tcp({ dst: '10.0.0.100', srcPort: 40002, dstPort: 80, flags: ['ack'], payload: 'GET /' });
  expectPacket(await net.send('client', more)).reaches(server, { payload: 'GET /' });
});

test('the heavier server gets more connections, the lighter one some', async () => {
  const net = await network();
  const count = { heavy: 0, light: 0 } as Record<string, number>;
  for (let port = 40000; port < 40200; port++) {
    const { server } = await connect(net, port);
    count[server]!++;
  }
  assert(count.heavy! > 120 && count.light! > 20, `heavy ${count.heavy}, light ${count.light}`);
});

test('a connection stays where it is when the other servers are others', async () => {
  const net = await network();
  const { server, frame } = await connect(net, 40003);
  await net.send(server, packet.answer(frame));
  const third = { address: '10.0.0.13', mac: '02:00:00:00:00:13', weight: 100 };
  await net.reload({ apps: [[app, { ...config, servers: [...config.servers, third] }], 'learning-switch'] });
  const more = packet.tcp({ dst: '10.0.0.100', srcPort: 40003, dstPort: 80, flags: ['ack'] });
  expectPacket(await net.send('client', more)).reaches(server);
});

test('what belongs to no connection is dropped', async () => {
  const net = await network();
  const stray = packet.tcp({ dst: '10.0.0.100', dstPort: 80, flags: ['syn', 'ack'] });
  expectPacket(await net.send('client', stray)).isDropped();
});
