/** Random conversations through random `ct` actions: frames of both sides, right and wrong, and time that passes. */

import { ipv4Text, ipv6Text } from '../../../proto/wire/address.ts';
import { u16, u32 } from '../../../src/packet/bytes.ts';
import type { Random } from '../../fuzz/random.ts';
import {
  ACK,
  ETHERNET,
  errorFrame,
  FIN,
  fragmentsOf,
  icmpFrame,
  ipFrame,
  PSH,
  RST,
  SYN,
  spoilt,
  tcpFrame,
  udpFrame,
} from './frames.ts';
import type { Program } from './program.ts';

const words = (text: string) => text.split('.').reduce((word, part) => word * 256 + Number(part), 0);
const v4 = (text: string) => [words(text)];
const v6 = (last: number) => [0xfd000000, 0, 0, last];

const track = (zone: number) => ({ zone, commit: false, force: false });
const commit = (zone: number) => ({ zone, commit: true, force: false });
const undo = (zone: number) => ({ ...track(zone), nat: {} });
const label = { value: [0, 0, 0x1234, 0x56789abc], mask: [0, 0, 0xffff, 0xffff00ff] };

/** Only such ranges as leave one answer: which of several Open vSwitch takes is its process's secret. */
const source = { src: true, addressMin: v4('10.9.9.9') };
const sourcePort = { ...source, portMin: 5000 };
const destination = { dst: true, addressMin: v4('10.0.0.7'), portMin: 80 };
const destinationAlone = { dst: true, addressMin: v4('10.0.0.7') };

const SHARED: readonly Program[] = [
  [track(1)],
  [commit(1)],
  [track(1), commit(1)],
  [undo(1)],
  [track(1), track(2)],
  [commit(1), commit(2)],
  [commit(1), track(1)],
  [{ ...commit(1), force: true }],
  [{ ...track(1) }, { ...commit(1), force: true }],
  [{ ...commit(1), mark: { value: 0x123456, mask: 0xffffff }, label }],
  [track(1), { ...commit(1), mark: { value: 0xff, mask: 0x0f }, label }, track(1)],
  [{ ...commit(1), nat: {} }],
  [undo(1), undo(2), undo(1)],
];

/** `family`: of the addresses in ranges. */
function translating(nat: Program[0]['nat'] & object, zone = 1): Program[] {
  return [
    [{ ...commit(zone), nat }],
    [undo(zone), { ...commit(zone), nat }],
    [undo(zone), { ...commit(zone), nat, mark: { value: 7, mask: 7 } }, undo(zone)],
    [undo(zone), { ...commit(zone), nat }, commit(zone + 1), undo(zone)],
    [{ ...commit(zone), nat }, track(zone)],
    [{ ...commit(zone), force: true, nat }],
    [track(zone), { ...commit(zone), nat }],
  ];
}

const IPV4_PROGRAMS: readonly Program[] = [
  ...translating(source),
  ...translating(sourcePort),
  ...translating(destination),
  ...translating(destinationAlone),
  ...translating({ src: true, addressMin: v4('0.0.0.0') }),
  [undo(1), { ...commit(1), nat: destination }, undo(2), { ...commit(2), nat: source }],
  [undo(2), undo(1)],
];
const IPV6_PROGRAMS: readonly Program[] = [
  ...translating({ src: true, addressMin: v6(0x99) }),
  ...translating({ src: true, addressMin: v6(0x99), portMin: 5000 }),
  ...translating({ dst: true, addressMin: v6(7), portMin: 80 }),
];

export const PROGRAMS: readonly Program[] = [...SHARED, ...IPV4_PROGRAMS, ...IPV6_PROGRAMS];

export type Step = { frame: Uint8Array; program: number } | { wait: number };

const WAITS = [500, 1000, 3000, 18_500, 20_000, 29_000, 31_000, 46_000, 61_000, 901_000];

interface Side {
  address: string;
  port: number;
  sequence: number;
  acknowledgement: number;
  /** By how many bits its windows are shifted; undefined: without the option. */
  scale: number | undefined;
}

interface Conversation {
  protocol: number;
  client: Side;
  /** As the client sees it. */
  service: Side;
  /** As the server sees the two: what came to it last. */
  arrived: { src: string; dst: string; srcPort: number; dstPort: number };
}

export interface Scenario {
  next(): Step;
  /** Fragments of a packet are still to come. */
  unfinished(): boolean;
  /** One of the forms in which a frame came out, translated or not: who answers does so to that. */
  arrived(frame: Uint8Array): void;
}

/** `nextId`: for a packet in fragments, that no held one has. */
export function createScenario({ below, pick }: Random, nextId: () => number): Scenario {
  const chance = (share: number) => below(1000) < share * 1000;
  const six = chance(0.25);
  // A connection whose NAT keeps its address crashes ovs-vswitchd 3.1 where another of the same tuple replaces it.
  const keeping = chance(0.2);
  const suits = (program: Program) => !program.some(keeping ? ({ force }) => force : keepsAddress);
  const numbers = (programs: readonly Program[], first: number) =>
    programs.map((_, i) => first + i).filter((i) => suits(PROGRAMS[i]!));
  const shared = numbers(SHARED, 0);
  const own = six
    ? numbers(IPV6_PROGRAMS, SHARED.length + IPV4_PROGRAMS.length)
    : numbers(IPV4_PROGRAMS, SHARED.length);
  // A rule or two of a switch, and sometimes another.
  const usual = [pick(own), pick(own), pick(shared)];
  const address = (last: number) => (six ? `fd00::${last}` : `10.0.0.${last}`);
  const conversations = Array.from({ length: 1 + below(4) }, () => begin());
  const waiting: Step[] = [];
  let current: Conversation = conversations[0]!;
  let forwards = true;

  function begin(): Conversation {
    const side = (last: number, port: number): Side => ({
      ...{ address: address(last), port, sequence: below(2) === 0 ? below(2 ** 32) : 0xffffff00, acknowledgement: 0 },
      scale: chance(0.5) ? below(9) : undefined,
    });
    const client = side(1 + below(3), pick([1000, 1001, 300, 5000, 40000]));
    const service = side(8 + below(2), pick([80, 2000]));
    const arrived = {
      ...{ src: client.address, dst: service.address },
      ...{ srcPort: client.port, dstPort: service.port },
    };
    const icmp = six ? 58 : 1;
    const protocol = pick(keeping ? [17, 17, icmp, 89] : [6, 6, 6, 17, 17, icmp, 89]);
    return { protocol, client, service, arrived };
  }

  function frameOf(conversation: Conversation): Uint8Array {
    const { protocol, client, service, arrived } = conversation;
    const from = forwards
      ? { src: client.address, dst: service.address, srcPort: client.port, dstPort: service.port }
      : { src: arrived.dst, dst: arrived.src, srcPort: arrived.dstPort, dstPort: arrived.srcPort };
    const payload = new Uint8Array(chance(0.1) ? 1300 + below(1200) : below(40)).fill(below(256));
    if (protocol === 17) return udpFrame({ ...from, payload });
    if (protocol === 6) return segment(conversation, from, payload);
    if (protocol === 89) return ipFrame(from, 89, payload);
    const request = forwards !== chance(0.1);
    const type = six ? (request ? 128 : 129) : request ? 8 : 0;
    return icmpFrame({ ...from, type, identifier: client.port, sequence: below(9), payload });
  }

  function segment(
    { client, service }: Conversation,
    from: { src: string; dst: string; srcPort: number; dstPort: number },
    payload: Uint8Array,
  ): Uint8Array {
    const [sender, receiver] = forwards ? [client, service] : [service, client];
    const kind = below(20);
    let flags = ACK;
    if (sender.acknowledgement === 0) flags = forwards ? SYN : SYN | ACK;
    else if (kind < 2) flags = FIN | ACK;
    else if (kind === 2) flags = RST;
    else if (kind === 3) flags = SYN;
    else if (kind === 4) flags = below(64);
    else if (kind < 12) flags = PSH | ACK;
    if (kind === 5) sender.sequence += pick([1, -1, 70_000, -70_000, 2 ** 31, 1000]);
    const data = (flags & (PSH | FIN)) === 0 ? new Uint8Array(0) : payload;
    const frame = tcpFrame({
      ...from,
      ...{ sequence: sender.sequence, acknowledgement: receiver.sequence, flags, payload: data },
      window: pick([0, 100, 1000, 8192, 65535]),
      ...(sender.scale !== undefined && (flags & SYN) !== 0 ? { scale: sender.scale } : {}),
    });
    // Now and then it is sent again.
    if (!chance(0.1)) {
      sender.sequence += data.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
      sender.acknowledgement = 1;
    }
    return frame;
  }

  /**
   * Of a router in between, about what the other side sent last. Translating what is quoted of a TCP header that is cut
   * short, ovs-vswitchd 3.1 writes behind the frame.
   */
  function error(conversation: Conversation): Uint8Array {
    const about = frameOf(conversation);
    const { src, dst } = endsOf(about);
    const router = chance(0.5) ? address(77) : dst;
    return errorFrame(
      router,
      chance(0.9) ? src : dst,
      about,
      pick(conversation.protocol === 6 ? [24, 40, 60, 1500] : [24, 28, 28, 40, 60, 1500]),
    );
  }

  return {
    unfinished: () => waiting.length > 0,
    next() {
      const ready = waiting.shift();
      if (ready !== undefined) return ready;
      if (chance(0.1)) return { wait: pick(WAITS) };
      current = pick(conversations);
      forwards = chance(0.55);
      const frame = chance(0.08) ? error(current) : frameOf(current);
      const program = chance(0.85) ? pick(usual) : pick(chance(0.7) ? own : shared);
      const l4 = ETHERNET + (six ? 40 : 20);
      if (frame.length > l4 + 1300) {
        const pieces = fragmentsOf(frame, nextId(), 1240 + 8 * below(8));
        if (chance(0.3)) pieces.reverse();
        waiting.push(...pieces.slice(chance(0.1) ? 1 : 0).map((piece) => ({ frame: piece, program })));
        return waiting.shift()!;
      }
      return { frame: chance(0.03) ? spoilt(frame, ETHERNET + below(frame.length - ETHERNET)) : frame, program };
    },
    arrived(frame) {
      const { src, dst } = endsOf(frame);
      const l4 = ETHERNET + (six ? 40 : 20);
      if (!forwards || frame.length < l4 + 4) return;
      current.arrived = { src, dst, srcPort: u16(frame, l4), dstPort: u16(frame, l4 + 2) };
    },
  };
}

function keepsAddress({ nat }: Program[0]): boolean {
  return nat?.addressMin?.every((word) => word === 0) === true;
}

function endsOf(frame: Uint8Array): { src: string; dst: string } {
  if (u16(frame, 12) !== 0x0800) {
    return { src: ipv6Text(frame, ETHERNET + 8), dst: ipv6Text(frame, ETHERNET + 24) };
  }
  return { src: ipv4Text(u32(frame, ETHERNET + 12)), dst: ipv4Text(u32(frame, ETHERNET + 16)) };
}
