/** Flushes as `ovs-ofctl ct-flush` takes them, as requests, and what they end of some connections. */

import type { FlushRequest, FlushTuple } from '../../../src/sim/conntrack/flush.ts';
import { icmpFrame, ipFrame, SYN, tcpFrame, udpFrame } from './frames.ts';
import { createRig } from './rig.ts';

const HOST = 0x0a000001;
const PEER = 0x0a000002;
const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const six = { src: 'fd00::1', dst: 'fd00::2' };

/** Each commits a connection, by the program with the number. */
export const COMMITS: readonly [name: string, frame: Uint8Array, program: number][] = [
  ['udp', udpFrame({ ...ends, srcPort: 1000, dstPort: 2000 }), 0],
  ['udp, another port', udpFrame({ ...ends, srcPort: 1001, dstPort: 2000 }), 0],
  ['udp, zone 2', udpFrame({ ...ends, srcPort: 1000, dstPort: 2000 }), 1],
  ['udp, zone 0', udpFrame({ ...ends, srcPort: 1000, dstPort: 2000 }), 2],
  ['udp, translated', udpFrame({ src: '10.0.0.3', dst: '10.0.0.2', srcPort: 1000, dstPort: 2000 }), 3],
  ['echo', icmpFrame({ ...ends, type: 8, identifier: 9 }), 0],
  ['udp of IPv6', udpFrame({ ...six, srcPort: 1000, dstPort: 2000 }), 0],
  ['tcp', tcpFrame({ ...ends, srcPort: 1000, dstPort: 2000, sequence: 1, flags: SYN }), 0],
  ['gre', ipFrame(ends, 47, new Uint8Array(8)), 0],
];

export const COMMIT_PROGRAMS = [
  [{ zone: 1, commit: true, force: false }],
  [{ zone: 2, commit: true, force: false }],
  [{ zone: 0, commit: true, force: false }],
  [{ zone: 1, commit: true, force: false, nat: { src: true, addressMin: [0x0a090909] } }],
] as const;

const ALL = COMMITS.map(([name]) => name);
const UDP = ALL.filter((name) => name.startsWith('udp'));
const OF_HOST = ALL.filter((name) => name !== 'udp, translated' && name !== 'udp of IPv6');

function request(
  zone: number | undefined,
  protocol: number,
  original: FlushTuple,
  reply: FlushTuple = {},
): FlushRequest {
  return { zone, protocol, original, reply };
}

const there = { src: [HOST], dst: [PEER], srcPort: 1000, dstPort: 2000 };
const thereText = 'ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=17,ct_tp_src=1000,ct_tp_dst=2000';
const back = { src: [PEER], dst: [HOST], srcPort: 2000, dstPort: 1000 };
const echo = { src: [HOST], dst: [PEER], icmpId: 9, icmpType: 8 };
const echoText = 'ct_nw_proto=1,icmp_type=8,icmp_code=0,icmp_id=9';

export const FLUSHES: readonly { args: readonly string[]; request: FlushRequest; ended: readonly string[] }[] = [
  { args: ['zone=0'], request: request(0, 0, {}), ended: ['udp, zone 0'] },
  { args: ['ct_nw_src=10.0.0.1'], request: request(undefined, 0, { src: [HOST] }), ended: OF_HOST },
  { args: ['zone=2', 'ct_nw_src=10.0.0.1'], request: request(2, 0, { src: [HOST] }), ended: ['udp, zone 2'] },
  // Complete: one connection, and without a zone that of zone 0.
  { args: ['zone=1', thereText], request: request(1, 17, there), ended: ['udp'] },
  { args: [thereText], request: request(undefined, 17, there), ended: ['udp, zone 0'] },
  {
    args: ['zone=1', 'ct_nw_src=10.0.0.2,ct_nw_dst=10.0.0.1,ct_nw_proto=17,ct_tp_src=2000,ct_tp_dst=1000'],
    request: request(1, 17, back),
    ended: ['udp'],
  },
  {
    args: ['zone=1', 'ct_nw_src=10.0.0.2,ct_nw_dst=10.9.9.9,ct_nw_proto=17,ct_tp_src=2000,ct_tp_dst=1000'],
    request: request(1, 17, { ...back, dst: [0x0a090909] }),
    ended: [],
  },
  {
    args: ['zone=1', '', 'ct_nw_dst=10.9.9.9'],
    request: request(1, 0, {}, { dst: [0x0a090909] }),
    ended: ['udp, translated'],
  },
  {
    args: [thereText, 'ct_nw_dst=10.0.0.1'],
    request: request(undefined, 17, there, { dst: [HOST] }),
    ended: ['udp', 'udp, zone 2', 'udp, zone 0'],
  },
  { args: ['ct_nw_proto=17'], request: request(undefined, 17, {}), ended: UDP },
  {
    args: ['ct_nw_proto=17,ct_tp_src=1001'],
    request: request(undefined, 17, { srcPort: 1001 }),
    ended: ['udp, another port'],
  },
  {
    args: ['ct_ipv6_src=fd00::1'],
    request: request(undefined, 0, { src: [0xfd000000, 0, 0, 1] }),
    ended: ['udp of IPv6'],
  },
  { args: ['ct_nw_proto=47'], request: request(undefined, 47, {}), ended: ['gre'] },
  // Of ICMP only a complete tuple ends one.
  { args: ['ct_nw_proto=1'], request: request(undefined, 1, {}), ended: [] },
  {
    args: ['zone=1', `ct_nw_src=10.0.0.1,${echoText}`],
    request: request(1, 1, { ...echo, dst: [] }),
    ended: [],
  },
  {
    args: ['zone=1', `ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,${echoText}`],
    request: request(1, 1, echo),
    ended: ['echo'],
  },
];

/** Names of the connections that the request ends in the simulated conntrack. */
export function flushed(asked: FlushRequest): string[] {
  const { pass, conntrack } = createRig();
  for (const [, frame, program] of COMMITS) pass(frame, ...COMMIT_PROGRAMS[program]!);
  const before = conntrack.entries(0).map((entry) => JSON.stringify(entry));
  const count = conntrack.flush(asked, 0);
  const left = conntrack.entries(0).map((entry) => JSON.stringify(entry));
  const ended = ALL.filter((_, i) => !left.includes(before[i]!));
  if (ended.length !== count) throw new Error(`it said that it ended ${count}`);
  return ended;
}
