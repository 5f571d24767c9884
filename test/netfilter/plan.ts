/** The steps of a case as frames, and what the model expects of each. Answers are to what was delivered. */

import { buildPacket } from '../../src/packet/build.ts';
import { ICMP_TYPE } from '../../src/packet/icmp.ts';
import { ICMPV6_TYPE } from '../../src/packet/icmpv6.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import type { TcpFlag } from '../../src/packet/tcp.ts';
import { createModel } from './model.ts';
import { behind, type Case, type Network, type Outcome, type Packet, reversed } from './network.ts';

export interface Sending {
  /** The step's number. */
  step: number;
  /** The guest that sends. */
  from: string;
  /** The packet, or with `error` the one that it quotes. */
  packet: Packet;
  error: boolean;
  /** It goes the way of its connection's first packet. */
  begins: boolean;
  flags: TcpFlag[];
  expected: Outcome;
}

export function planOf({ network, steps }: Case): Sending[] {
  const model = createModel(network);
  const sendings = new Map<number, Sending>();
  /** Steps that have been answered: of their senders a handshake's last segment comes next. */
  const answered = new Set<number>();
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'new') {
      const { from, packet } = step;
      const expected = model.receive(packet, behind(network, from).name);
      sendings.set(i, { step: i, from, packet, error: false, begins: true, flags: ['syn'], expected });
      continue;
    }
    const before = sendings.get(step.to);
    if (before === undefined || before.error) continue;
    const { expected: became, packet } = before;
    if (step.kind === 'again') {
      // A connection that was refused is not begun twice with the same packet: that is retransmission, and the same.
      const flags: TcpFlag[] = answered.has(step.to) ? ['ack'] : before.flags;
      const expected = model.receive(packet, behind(network, before.from).name);
      sendings.set(i, { ...before, step: i, flags, expected });
      continue;
    }
    if (became.kind !== 'delivered') continue;
    const guest = guestWith(network, became.packet.dst);
    if (guest === undefined) continue;
    if (step.kind === 'error') {
      if (became.packet.protocol !== 'udp') continue;
      const expected = model.receiveError(became.packet);
      sendings.set(i, { step: i, from: guest, packet: became.packet, error: true, begins: true, flags: [], expected });
      continue;
    }
    answered.add(step.to);
    const flags: TcpFlag[] = before.flags.includes('syn') && !before.flags.includes('ack') ? ['syn', 'ack'] : ['ack'];
    const reply = reversed(became.packet);
    sendings.set(i, {
      step: i,
      from: guest,
      packet: reply,
      error: false,
      begins: !before.begins,
      flags,
      expected: model.receive(reply, became.at),
    });
  }
  return [...sendings.values()];
}

export function guestWith(network: Network, address: string): string | undefined {
  return network.interfaces.flatMap(({ guests }) => guests).find((guest) => guest.address === address)?.name;
}

const FIRST_SEQUENCE = 1000;

/** `src`, `dst`: MAC addresses. */
export function frameOf({ family }: Network, sending: Sending, src: string, dst: string): Uint8Array {
  const { packet, error, begins, flags } = sending;
  const layers = (of: Packet): PacketLayers => ({
    ...(family === 4 ? { ipv4: { src: of.src, dst: of.dst } } : { ipv6: { src: of.src, dst: of.dst } }),
    ...transport(family, of, flags, begins),
    payload: new TextEncoder().encode('flowloom'),
  });
  if (!error) return buildPacket({ eth: { src, dst }, ...layers(packet) });
  const back =
    family === 4 ? { ipv4: { src: packet.dst, dst: packet.src } } : { ipv6: { src: packet.dst, dst: packet.src } };
  const unreachable =
    family === 4
      ? { icmp: { type: ICMP_TYPE.unreachable, code: 3 } }
      : { icmpv6: { type: ICMPV6_TYPE.unreachable, code: 4 } };
  return buildPacket({ eth: { src, dst }, ...back, ...unreachable, quoted: layers(packet) });
}

function transport(
  family: 4 | 6,
  { protocol, srcPort, dstPort }: Packet,
  flags: TcpFlag[],
  begins: boolean,
): PacketLayers {
  if (protocol === 'udp') return { udp: { srcPort, dstPort } };
  if (protocol === 'tcp') {
    const isFirst = flags.includes('syn');
    const sequence = FIRST_SEQUENCE + (isFirst ? 0 : 1);
    const acknowledgement = flags.includes('ack') ? FIRST_SEQUENCE + 1 : 0;
    return { tcp: { srcPort, dstPort, flags: [...flags], sequence, acknowledgement } };
  }
  const echo = { code: 0, identifier: srcPort, sequence: 1 };
  if (family === 4) return { icmp: { type: begins ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply, ...echo } };
  return { icmpv6: { type: begins ? ICMPV6_TYPE.echoRequest : ICMPV6_TYPE.echoReply, ...echo } };
}
