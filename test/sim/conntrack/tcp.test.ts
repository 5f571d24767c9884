/** A TCP connection's way, packet by packet: states, windows and what does not fit. */

import { expect, test } from 'vitest';
import { ACK, FIN, PSH, RST, SYN, tcpFrame } from './frames.ts';
import { createRig, type Rig, stateOf } from './rig.ts';

const CLIENT = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 40000, dstPort: 80 };
const SERVER = { src: '10.0.0.2', dst: '10.0.0.1', srcPort: 80, dstPort: 40000 };
const commit = { commit: true };

type Segment = Omit<Parameters<typeof tcpFrame>[0], 'src' | 'dst' | 'srcPort' | 'dstPort'>;

const client = (segment: Segment) => tcpFrame({ ...CLIENT, ...segment });
const server = (segment: Segment) => tcpFrame({ ...SERVER, ...segment });

function states(rig: Rig): string | undefined {
  const { tcp } = rig.conntrack.entries(rig.now)[0] ?? {};
  return tcp === undefined ? undefined : `${tcp.original} ${tcp.reply}`;
}

/** Sequence numbers go on at 101 of the client's and 501 of the server's. */
function connected(options: { scale?: number; window?: number } = {}): Rig {
  const rig = createRig();
  rig.pass(client({ sequence: 100, flags: SYN, ...options }), commit);
  rig.pass(server({ sequence: 500, acknowledgement: 101, flags: SYN | ACK, ...options }));
  rig.pass(client({ sequence: 101, acknowledgement: 501, flags: ACK, ...options }));
  return rig;
}

test('SYN is new, SYN and ACK are established, and both sides get there', () => {
  const rig = createRig();
  expect(stateOf(rig.pass(client({ sequence: 100, flags: SYN }), commit))).toBe('new');
  expect(states(rig)).toBe('SYN_SENT CLOSED');
  expect(stateOf(rig.pass(client({ sequence: 100, flags: SYN })))).toBe('new');
  const answer = server({ sequence: 500, acknowledgement: 101, flags: SYN | ACK });
  expect(stateOf(rig.pass(answer))).toBe('est|rpl');
  expect(states(rig)).toBe('ESTABLISHED SYN_SENT');
  expect(stateOf(rig.pass(client({ sequence: 101, acknowledgement: 501, flags: ACK })))).toBe('est');
  expect(states(rig)).toBe('ESTABLISHED ESTABLISHED');
  expect(rig.conntrack.entries(rig.now)).toMatchObject([{ timeout: 24 * 60 * 60 }]);
});

test('SYN and ACK begin nothing, the middle of a connection does', () => {
  const { pass } = createRig();
  expect(stateOf(pass(server({ sequence: 500, acknowledgement: 101, flags: SYN | ACK }), commit))).toBe('inv');
  expect(stateOf(pass(client({ sequence: 100, acknowledgement: 1, flags: ACK }), commit))).toBe('new');
  expect(stateOf(pass(server({ sequence: 1, acknowledgement: 100, flags: PSH | ACK })))).toBe('est|rpl');
});

test.for([
  ['SYN and FIN', SYN | FIN],
  ['SYN and RST', SYN | RST],
  ['nothing', 0],
  ['FIN alone', FIN],
  ['PSH without ACK', PSH | RST],
] as const)('%s is invalid, new or of a connection', ([, flags]) => {
  const segment = client({ sequence: 101, acknowledgement: 501, flags });
  expect(stateOf(createRig().pass(segment, commit))).toBe('inv');
  expect(stateOf(connected().pass(segment))).toBe('inv');
});

test('data outside the window are invalid, at its edge and sent again they are not', () => {
  const { pass } = connected({ window: 1000 });
  const data = (sequence: number, length: number) =>
    client({ sequence, acknowledgement: 501, flags: PSH | ACK, window: 1000, payload: new Uint8Array(length) });
  expect(stateOf(pass(data(101, 1001)))).toBe('inv');
  expect(stateOf(pass(data(101, 1000)))).toBe('est');
  expect(stateOf(pass(data(101, 1000)))).toBe('est');
  expect(stateOf(pass(data(1101, 1)))).toBe('inv');
  pass(server({ sequence: 501, acknowledgement: 1101, flags: ACK, window: 1000 }));
  expect(stateOf(pass(data(1101, 1)))).toBe('est');
  expect(stateOf(pass(data(102, 1)))).toBe('est');
  expect(stateOf(pass(data(101, 1)))).toBe('inv');
});

test('windows are scaled where both sides said so', () => {
  const data = (length: number) =>
    client({ sequence: 101, acknowledgement: 501, flags: PSH | ACK, window: 100, payload: new Uint8Array(length) });
  const opened = server({ sequence: 501, acknowledgement: 101, flags: ACK, window: 100 });
  const scaled = connected({ scale: 3, window: 100 });
  scaled.pass(opened);
  expect(stateOf(scaled.pass(data(801)))).toBe('inv');
  expect(stateOf(scaled.pass(data(800)))).toBe('est');
  const plain = connected({ window: 100 });
  plain.pass(opened);
  expect(stateOf(plain.pass(data(800)))).toBe('inv');
});

test('FIN from both sides closes, and it lives shorter with each step', () => {
  const rig = connected();
  rig.pass(client({ sequence: 101, acknowledgement: 501, flags: FIN | ACK }));
  expect([states(rig), rig.conntrack.entries(rig.now)[0]?.timeout]).toEqual(['CLOSING ESTABLISHED', 15 * 60]);
  rig.pass(server({ sequence: 501, acknowledgement: 102, flags: FIN | ACK }));
  expect([states(rig), rig.conntrack.entries(rig.now)[0]?.timeout]).toEqual(['FIN_WAIT_2 CLOSING', 45]);
  rig.pass(client({ sequence: 102, acknowledgement: 502, flags: ACK }));
  expect([states(rig), rig.conntrack.entries(rig.now)[0]?.timeout]).toEqual(['FIN_WAIT_2 FIN_WAIT_2', 30]);
});

test('RST must be where its sender is', () => {
  const rig = connected();
  expect(stateOf(rig.pass(client({ sequence: 103, acknowledgement: 501, flags: RST | ACK })))).toBe('inv');
  expect(stateOf(rig.pass(client({ sequence: 101, acknowledgement: 501, flags: RST | ACK })))).toBe('est');
  expect(states(rig)).toBe('TIME_WAIT TIME_WAIT');
});

test('SYN over a closed connection begins another', () => {
  const rig = connected();
  rig.pass(client({ sequence: 101, flags: RST }));
  expect(stateOf(rig.pass(client({ sequence: 9000, flags: SYN })))).toBe('new');
  expect(states(rig)).toBeUndefined();
  rig.pass(client({ sequence: 9000, flags: SYN }), commit);
  expect(states(rig)).toBe('SYN_SENT CLOSED');
});

test('a SYN that nobody answers is forgotten after 30 s', () => {
  const rig = createRig();
  rig.pass(client({ sequence: 100, flags: SYN }), commit);
  rig.now = 30_000;
  expect(stateOf(rig.pass(server({ sequence: 500, acknowledgement: 101, flags: SYN | ACK })))).toBe('inv');
});
