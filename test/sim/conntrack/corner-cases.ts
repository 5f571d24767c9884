/** Packets that random conversations hardly ever come to, with the programs that they go through. */

import { putU16 } from '../../../src/packet/bytes.ts';
import { checksum } from '../../../src/packet/checksum.ts';
import {
  ACK,
  ETHERNET,
  errorFrame,
  fragmentsOf,
  icmpFrame,
  ipFrame,
  RST,
  SYN,
  spoilt,
  tcpFrame,
  udpFrame,
} from './frames.ts';
import type { Program } from './program.ts';

const commit = { zone: 1, commit: true, force: false };
const track = { zone: 1, commit: false, force: false };
const source = { src: true, addressMin: [0x0a090909] };
const source6 = { src: true, addressMin: [0xfd000000, 0, 0, 0x99] };
const destination6 = { dst: true, addressMin: [0xfd000000, 0, 0, 0x77] };

export const PROGRAMS = {
  track: [track],
  commit: [commit],
  undo: [{ ...track, nat: {} }],
  source: [{ ...commit, nat: source }],
  sourcePort: [{ ...commit, nat: { ...source, portMin: 7000 } }],
  sourcePorts: [{ ...commit, nat: { ...source, portMin: 7000, portMax: 7001 } }],
  sourceAlone: [{ ...commit, nat: { src: true } }],
  source6: [{ ...commit, nat: source6 }],
  destination6: [{ ...commit, nat: destination6 }],
  noSide: [{ ...commit, nat: {} }],
  force: [{ ...commit, force: true }],
} as const satisfies Record<string, Program>;

type Step = readonly [program: keyof typeof PROGRAMS, frame: Uint8Array];

const A = '10.0.0.1';
const B = '10.0.0.2';
const A6 = 'fd00::1';
const B6 = 'fd00::2';

const udp = (srcPort: number, src = A, dstPort = 2000) => udpFrame({ src, dst: B, srcPort, dstPort });
const padded = (frame: Uint8Array, length: number) => Uint8Array.from([...frame, ...new Uint8Array(length).fill(7)]);

function withIpOptions(): Uint8Array {
  const frame = ipFrame({ src: A, dst: B }, 47, new Uint8Array(12));
  frame[ETHERNET] = 0x46;
  putU16(frame, ETHERNET + 10, 0);
  putU16(frame, ETHERNET + 10, checksum(frame, ETHERNET, ETHERNET + 24));
  return frame;
}

function withoutChecksum(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  putU16(copy, ETHERNET + 26, 0);
  return copy;
}

/** ICMPv6's "packet too big", whose MTU lies where a UDP header has its checksum. */
function tooBig(about: Uint8Array, dst: string): Uint8Array {
  const payload = about.slice(ETHERNET);
  return icmpFrame({ src: 'fd00::55', dst, type: 2, sequence: 1400, payload });
}

/** One after the other, each behind the first that names its type. */
const EXTENSIONS: Readonly<Record<string, readonly number[]>> = {
  'hop-by-hop options': [0, 17, 0, 0, 0, 0, 0, 0, 0],
  routing: [43, 17, 0, 0, 0, 0, 0, 0, 0],
  'long options': [60, 17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  authentication: [51, 17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  mobility: [135, 17, 0, 0, 0, 0, 0, 0, 0],
  'a fragment of all': [44, 17, 0, 0, 0, 0, 0, 0, 1],
  'options, then a fragment of all': [0, 44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 2],
  'options behind the end': [60, 17, 9, 0, 0, 0, 0, 0, 0],
};
const datagram = Uint8Array.from([4, 0, 8, 0, 0, 12, 0, 0, 1, 2, 3, 4]);

const reply = (dstPort: number) => udpFrame({ src: B, dst: '10.9.9.9', srcPort: 2000, dstPort });
const client = { src: A, dst: B, srcPort: 3000, dstPort: 80 };
const server = { src: B, dst: '10.9.9.9', srcPort: 80, dstPort: 3000 };
const six = { srcPort: 1000, dstPort: 2000 };

export const CASES: Readonly<Record<string, readonly Step[]>> = {
  'ICMP of every type': [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 42].flatMap((type): Step[] => [
    ['commit', icmpFrame({ src: A, dst: B, type, identifier: 300 + type })],
    ['commit', icmpFrame({ src: A, dst: B, type, code: 1, identifier: 300 + type })],
    ['track', icmpFrame({ src: B, dst: A, type: type ^ 8, identifier: 300 + type })],
  ]),
  'ICMPv6 of every type': [1, 2, 3, 4, 128, 129, 130, 133, 135, 136, 143].map(
    (type): Step => ['commit', icmpFrame({ src: A6, dst: B6, type, identifier: 300 + type })],
  ),
  'protocols without ports': [2, 41, 47, 50, 51, 59, 89, 132, 136, 255].flatMap((protocol): Step[] => [
    ['commit', ipFrame({ src: A, dst: B }, protocol, new Uint8Array(8))],
    ['source', ipFrame({ src: '10.0.0.6', dst: B }, protocol, new Uint8Array(8))],
    ['source', ipFrame({ src: '10.0.0.7', dst: B }, protocol, new Uint8Array(8))],
    ['undo', ipFrame({ src: B, dst: '10.9.9.9' }, protocol, new Uint8Array(8))],
    ['commit', ipFrame({ src: A6, dst: B6 }, protocol, new Uint8Array(8))],
  ]),
  'ICMP in the other version of IP': [0, 8, 128, 3].flatMap((type): Step[] => [
    ['commit', ipFrame({ src: A6, dst: B6 }, 1, Uint8Array.from([type, 0, 0, 0, 0, 9, 0, 1]))],
    ['commit', ipFrame({ src: A, dst: B }, 58, Uint8Array.from([type, 0, 0, 0, 0, 9, 0, 1]))],
  ]),
  ...Object.fromEntries(
    Object.entries(EXTENSIONS).map(([name, bytes]): [string, Step[]] => [
      `IPv6 with ${name}`,
      [
        ['commit', ipFrame({ src: A6, dst: B6 }, 17, datagram, Uint8Array.from(bytes))],
        ['source6', ipFrame({ src: 'fd00::3', dst: B6 }, 17, datagram, Uint8Array.from(bytes))],
      ],
    ]),
  ),
  'what is longer or shorter than it says': [
    ['source', padded(udp(1300), 20)],
    ['track', padded(udp(1301), 400)],
    ['track', udp(1302).slice(0, 40)],
    ['track', udp(1302).slice(0, 30)],
    ['track', spoilt(udp(1303), ETHERNET + 25)],
    ['track', tcpFrame({ ...client, sequence: 1, flags: SYN }).slice(0, ETHERNET + 30)],
    ['commit', withIpOptions()],
    ['track', spoilt(udp(1304), ETHERNET)],
  ],
  'port 0 and no checksum': [
    ['track', udp(0)],
    ['track', udp(1, A, 0)],
    ['source', withoutChecksum(udp(1200))],
    ['undo', withoutChecksum(reply(1200))],
  ],
  'ports that are taken': [1, 511, 512, 599, 600, 1023, 1024, 65535].flatMap((port): Step[] =>
    ['10.0.0.3', '10.0.0.4', '10.0.0.5'].map((src): Step => ['source', udp(port, src)]),
  ),
  'ranges that are used up': [
    ['sourcePort', udp(1)],
    ['sourcePort', udp(2)],
    ['undo', reply(7000)],
    ['sourcePort', udp(2)],
    ...[3, 4, 5].map((port): Step => ['sourcePort', udpFrame({ src: A, dst: '10.0.0.9', srcPort: port, dstPort: 1 })]),
  ],
  'a source without a range': [
    ['source', udp(1000, '10.0.0.3')],
    ['sourceAlone', udp(1000, '10.9.9.9')],
    ['undo', reply(1001)],
  ],
  'nat without a side commits': [
    ['noSide', udp(1000)],
    ['undo', udpFrame({ src: B, dst: A, srcPort: 2000, dstPort: 1000 })],
    ['noSide', udpFrame({ src: A, dst: '10.0.0.9', srcPort: 1000, dstPort: 2000 })],
    ['noSide', udp(1001)],
    ['undo', udp(1000)],
  ],
  'force against replies to a translated address': [
    ['source', udp(1000)],
    ['force', reply(1000)],
    ['force', udp(1000)],
  ],
  'SYN over a closed translated connection': [
    ['source', tcpFrame({ ...client, sequence: 100, flags: SYN })],
    ['undo', tcpFrame({ ...server, sequence: 500, acknowledgement: 101, flags: SYN | ACK })],
    ['source', tcpFrame({ ...client, sequence: 101, acknowledgement: 501, flags: ACK })],
    ['source', tcpFrame({ ...client, sequence: 101, flags: RST })],
    ['source', tcpFrame({ ...client, sequence: 9000, flags: SYN })],
    ['undo', tcpFrame({ ...server, sequence: 500, acknowledgement: 9001, flags: SYN | ACK })],
    ['undo', tcpFrame({ ...server, dstPort: 3001, sequence: 500, acknowledgement: 9001, flags: SYN | ACK })],
    ['source', tcpFrame({ ...client, src: '10.0.0.3', sequence: 1, flags: SYN })],
  ],
  'errors that quote too little': [
    ['source', udp(1000)],
    ...[0, 12, 20, 24, 27, 28, 29].map(
      (quoted): Step => [
        'undo',
        errorFrame(
          '10.0.0.77',
          '10.9.9.9',
          udpFrame({ src: '10.9.9.9', dst: B, srcPort: 1000, dstPort: 2000 }),
          quoted,
        ),
      ],
    ),
  ],
  'errors about errors and fragments': [
    ['source', udp(1000)],
    [
      'undo',
      errorFrame('10.0.0.77', B, errorFrame(B, '10.9.9.9', udpFrame({ src: '10.9.9.9', dst: B, ...six }), 28), 56),
    ],
    [
      'undo',
      errorFrame(
        '10.0.0.77',
        A,
        fragmentsOf(udpFrame({ src: A, dst: B, ...six, payload: new Uint8Array(99) }), 3, 40)[1]!,
      ),
    ],
  ],
  'ICMPv6 errors about translated packets': [
    ['source6', udpFrame({ src: A6, dst: B6, ...six })],
    ['source6', tcpFrame({ src: A6, dst: B6, ...six, sequence: 1, flags: SYN })],
    ['source6', icmpFrame({ src: A6, dst: B6, type: 128, identifier: 9 })],
    ['undo', tooBig(udpFrame({ src: 'fd00::99', dst: B6, ...six }), 'fd00::99')],
    ['undo', tooBig(tcpFrame({ src: 'fd00::99', dst: B6, ...six, sequence: 1, flags: SYN }), 'fd00::99')],
    ['undo', tooBig(icmpFrame({ src: 'fd00::99', dst: B6, type: 128, identifier: 9 }), 'fd00::99')],
    ['destination6', udpFrame({ src: 'fd00::3', dst: B6, ...six })],
    ['destination6', tcpFrame({ src: 'fd00::3', dst: B6, ...six, sequence: 1, flags: SYN })],
    ['undo', tooBig(udpFrame({ src: 'fd00::3', dst: 'fd00::77', ...six }), 'fd00::3')],
    ['undo', tooBig(tcpFrame({ src: 'fd00::3', dst: 'fd00::77', ...six, sequence: 1, flags: SYN }), 'fd00::3')],
  ],
  'fragments in any order, doubled, short, too many': [
    ...fragmentsOf(udpFrame({ src: A, dst: B, ...six, payload: new Uint8Array(4000) }), 101, 1400, 2800)
      .toReversed()
      .map((frame): Step => ['source', frame]),
    ...fragmentsOf(udpFrame({ src: A, dst: B, ...six, payload: new Uint8Array(1500) }), 102, 1160).map(
      (frame): Step => ['track', frame],
    ),
    ...fragmentsOf(udpFrame({ src: A, dst: B, ...six, payload: new Uint8Array(2000) }), 103, 1400)
      .flatMap((frame) => [frame, frame])
      .map((frame): Step => ['track', frame]),
    ...fragmentsOf(
      udpFrame({ src: A, dst: B, ...six, payload: new Uint8Array(60_000) }),
      104,
      ...Array.from({ length: 49 }, (_, i) => 1200 * (i + 1)),
    ).map((frame): Step => ['commit', frame]),
    ...[1, 2, 3].map((port): Step => ['track', udp(port)]),
    ...fragmentsOf(udpFrame({ src: A6, dst: B6, ...six, payload: new Uint8Array(2000) }), 105, 1400).map(
      (frame): Step => ['source6', frame],
    ),
  ],
};

/** By which a frame chooses its program. */
export const NUMBER_OF = Object.fromEntries(Object.keys(PROGRAMS).map((name, i) => [name, i])) as Readonly<
  Record<keyof typeof PROGRAMS, number>
>;
