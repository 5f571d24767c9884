/** The handshake: a switch is known after it; a peer that speaks no 1.4, or no OpenFlow, is turned away with a reason. */

import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import type { Message } from '../../proto/openflow/message.ts';
import type { Datapath, DatapathEvents } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import { introduce, port } from './introduce.ts';
import { createPeer } from './peer.ts';

const run = promisify(execFile);

afterEach(() => {
  vi.useRealTimers();
});

function watched(): { events: DatapathEvents; log: string[] } {
  const log: string[] = [];
  return {
    log,
    events: {
      packetIn: () => log.push('packetIn'),
      portChanged: (_, change, port) => log.push(`port ${port.name} ${change}`),
      flowRemoved: () => log.push('flowRemoved'),
      error: (_, error) => log.push(error.reason),
      close: (_, reason) => log.push(`closed: ${reason}`),
    },
  };
}

const text = (reason: unknown): string => (reason as Error).message;
const hello = (version: number, versions?: number[]): Message => ({
  type: 'hello',
  elements: versions === undefined ? [] : [{ type: 'versionBitmap', versions }],
  version,
  xid: 1,
});

test('hello, features, description, ports; what comes meanwhile is not lost', async () => {
  const peer = createPeer();
  const { events, log } = watched();
  const known = handshake(peer.ours, 'peer', events);
  expect((await peer.next('hello')).elements).toEqual([{ type: 'versionBitmap', versions: [5] }]);
  peer.send(hello(5, [1, 4, 5]));
  await introduce(peer);
  const datapath: Datapath = await known;
  expect(datapath).toMatchObject({ id: 0xabn, dpid: '00000000000000ab', description: 'Open vSwitch 3.1.0' });
  expect([...datapath.ports.keys()]).toEqual([1, 2]);
  expect(log).toEqual(['port p2 added']);
  datapath.connection.close('over');
  expect(log).toEqual(['port p2 added', 'closed: over']);
});

test.for([
  ['1.0, without a bitmap', hello(1), '1.0'],
  ['1.3, with its bitmap', hello(4, [1, 4]), '1.0, 1.3'],
  ['1.5 only', hello(6, [6]), '1.5'],
] as const)('a peer of %s: told HELLO_FAILED, and the reason says how to enable 1.4', async ([, greeting, names]) => {
  const peer = createPeer();
  const refused = handshake(peer.ours, 'peer', watched().events).catch(text);
  peer.send(greeting);
  const error = await peer.next('error');
  expect(error).toMatchObject({ errorType: 'helloFailed', code: 'incompatible' });
  expect(await refused).toBe(
    `the switch does not speak OpenFlow 1.4, only ${names}: enable it with "ovs-vsctl set bridge BRIDGE protocols=OpenFlow14"`,
  );
  expect(new TextDecoder().decode(error.data)).toBe(await refused);
  await peer.closed;
});

test('a peer that refuses our hello in the same breath: the reason is still how to enable 1.4', async () => {
  const peer = createPeer();
  const refused = handshake(peer.ours, 'peer', watched().events).catch(text);
  peer.sendJoined(hello(4, [4]), {
    type: 'error',
    errorType: 'helloFailed',
    code: 'incompatible',
    data: new Uint8Array(0),
    version: 4,
    xid: 1,
  });
  expect(await refused).toContain('protocols=OpenFlow14');
});

test('a bridge of Open vSwitch with 1.3 only', async () => {
  const ovs = await startOvsdbServer();
  try {
    await ovs.startSwitch();
    const make = ['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'protocols=OpenFlow13'];
    await ovs.vsctl(...make);
    const socket = join(ovs.folder, 'br0.mgmt');
    const refused = await handshake(connect(socket), 'unix', watched().events).catch(text);
    expect(refused).toContain('only 1.3: enable it with "ovs-vsctl set bridge BRIDGE protocols=OpenFlow14"');
    await run('ovs-vsctl', [`--db=${ovs.target}`, 'set', 'bridge', 'br0', 'protocols=OpenFlow13,OpenFlow14']);
    const datapath = await handshake(connect(socket), 'unix', watched().events);
    expect(datapath.description).toMatch(/^Open vSwitch \d/);
    datapath.connection.close('the test ends');
  } finally {
    await ovs.stop();
  }
});

test('a switch that claims ever more ports is left', async () => {
  const peer = createPeer();
  const { events, log } = watched();
  const known = handshake(peer.ours, 'peer', events);
  peer.send(hello(5));
  await introduce(peer);
  const datapath = await known;
  for (let portNo = 3; portNo < 0x10001; portNo++) {
    datapath.receive({ type: 'portStatus', reason: 'add', desc: port(portNo, 'p'), xid: 0 } as unknown as Message);
  }
  expect(log.some((line) => line.startsWith('closed'))).toBe(false);
  datapath.receive({ type: 'portStatus', reason: 'add', desc: port(0x10001, 'p'), xid: 0 } as unknown as Message);
  expect(log.at(-2)).toBe('closed: the switch claims more than 65536 ports');
});

test('garbage closes its own connection with one reason; another goes on', async () => {
  const good = createPeer();
  const bad = createPeer();
  const known = handshake(good.ours, 'good', watched().events);
  const refused = handshake(bad.ours, 'bad', watched().events).catch(text);
  good.send(hello(5, [5]));
  bad.sendBytes(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'));
  expect(await refused).toMatch(/^garbage: version byte 83/);
  await introduce(good);
  const datapath = await known;
  const barrier = datapath.connection.barrier();
  good.send({ type: 'barrierReply', xid: (await good.next('barrierRequest')).xid });
  await barrier;
  datapath.connection.close('the test ends');
});

test('a first message that is no hello, and a peer that refuses its features, are turned away', async () => {
  const rude = createPeer();
  const refused = handshake(rude.ours, 'peer', watched().events).catch(text);
  rude.send({ type: 'barrierReply', xid: 1 });
  expect(await refused).toBe('garbage: the first message is no hello');

  const stubborn = createPeer();
  const failed = handshake(stubborn.ours, 'peer', watched().events).catch(text);
  stubborn.send(hello(5));
  const { xid } = await stubborn.next('featuresRequest');
  stubborn.send({ type: 'error', errorType: 'badRequest', code: 'eperm', data: new Uint8Array(0), xid });
  expect(await failed).toMatch(/^the handshake failed: the switch refused it: BAD_REQUEST\//);
});

test('a peer that says nothing is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const refused = handshake(createPeer().ours, 'peer', watched().events).catch(text);
  vi.advanceTimersByTime(10_000);
  expect(await refused).toBe('no handshake within 10 s');
});
