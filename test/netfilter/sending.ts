/** What is sent at a step, as a frame. */

import { buildPacket } from '../../src/packet/build.ts';
import { ICMP_TYPE } from '../../src/packet/icmp.ts';
import { ICMPV6_TYPE } from '../../src/packet/icmpv6.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import type { Verdict } from './connection.ts';
import type { Network, Packet, TcpFlag } from './network.ts';

export interface Sending {
  /** The step's number. */
  step: number;
  /** The guest that sends. */
  from: string;
  /** The packet, or of an error the one that it quotes. */
  packet: Packet;
  /** An ICMP error, and whose address it comes from. */
  errorFrom: string | undefined;
  /** It goes the way of its connection's first packet. */
  begins: boolean;
  flags: TcpFlag[];
  /** Bytes. */
  payload: number;
  /** Its source is not its sender's. */
  isWrong: boolean;
  /** The guest of its own segment that it goes to; undefined: it goes to the router. */
  neighbour: string | undefined;
  expected: Verdict;
}

const FIRST_SEQUENCE = 1000;
export const FIRST_TTL = 64;

type Frame = Pick<Sending, 'packet' | 'errorFrom' | 'begins' | 'flags' | 'payload'>;

/** Bytes of IP. */
export function sizeOf({ family }: Network, { protocol }: Packet, payload: number): number {
  return (family === 4 ? 20 : 40) + { tcp: 20, udp: 8, icmp: 8, other: 0 }[protocol] + payload;
}

/** `src`, `dst`: MAC addresses. */
export function frameOf({ family }: Network, frame: Frame, src: string, dst: string): Uint8Array {
  const { packet, errorFrom } = frame;
  const eth = { src, dst };
  if (errorFrom === undefined) return buildPacket({ eth, ...layersOf(family, frame) });
  const back =
    family === 4 ? { ipv4: { src: errorFrom, dst: packet.src } } : { ipv6: { src: errorFrom, dst: packet.src } };
  const unreachable =
    family === 4
      ? { icmp: { type: ICMP_TYPE.unreachable, code: 3 } }
      : { icmpv6: { type: ICMPV6_TYPE.unreachable, code: 4 } };
  return buildPacket({ eth, ...back, ...unreachable, quoted: layersOf(family, frame) });
}

function layersOf(family: 4 | 6, frame: Frame): PacketLayers {
  const { src, dst } = frame.packet;
  const protocol = frame.packet.protocol === 'other' ? { protocol: frame.packet.srcPort } : {};
  return {
    ...(family === 4 ? { ipv4: { src, dst, ...protocol } } : { ipv6: { src, dst, ...protocol } }),
    ...transport(family, frame),
    payload: new Uint8Array(frame.payload).fill(0x66),
  };
}

function transport(family: 4 | 6, { packet, flags, begins }: Frame): PacketLayers {
  const { protocol, srcPort, dstPort } = packet;
  if (protocol === 'other') return {};
  if (protocol === 'udp') return { udp: { srcPort, dstPort } };
  if (protocol === 'tcp') {
    const sequence = FIRST_SEQUENCE + (flags.includes('syn') ? 0 : 1);
    const acknowledgement = flags.includes('ack') ? FIRST_SEQUENCE + 1 : 0;
    return { tcp: { srcPort, dstPort, flags: [...flags], sequence, acknowledgement, window: 65_535 } };
  }
  const echo = { code: 0, identifier: srcPort, sequence: 1 };
  if (family === 4) return { icmp: { type: begins ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply, ...echo } };
  return { icmpv6: { type: begins ? ICMPV6_TYPE.echoRequest : ICMPV6_TYPE.echoReply, ...echo } };
}
