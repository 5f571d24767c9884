/** What is sent at each step, one after the other: answers are to what was delivered. */

import type { Model } from './model.ts';
import { behind, type Network, type Packet, reversed, type Step, towards } from './network.ts';
import { type Sending, sizeOf } from './sending.ts';

export interface Steps {
  /** undefined: there is nothing to be sent, as what it follows did not get there. */
  take(step: Step, number: number): Sending | undefined;
}

export function createSteps(network: Network, model: Model): Steps {
  const sendings = new Map<number, Sending>();
  /** Step → the one that began its connection. */
  const roots = new Map<number, number>();
  /** Connections of TCP whose SYN has been answered; those that were reset. */
  const answered = new Set<number>();
  const closed = new Set<number>();

  function send(given: Omit<Sending, 'expected' | 'isWrong' | 'errorFrom'>): Sending {
    const { from, packet, flags, payload, neighbour } = given;
    const isRequest = packet.protocol !== 'icmp' || given.begins;
    const size = sizeOf(network, packet, payload);
    const arrival = behind(network, from).name;
    const bridged = neighbour === undefined ? {} : { bridged: { from, to: neighbour } };
    const expected = model.receive({ packet, arrival, flags, isRequest, size, ...bridged });
    return { ...given, errorFrom: undefined, isWrong: isWrong(packet.src, from), expected };
  }

  /** On a segment packets go from guest to guest. */
  function neighbourOf(from: string, dst: string): string | undefined {
    return behind(network, from).guests.find(({ name, address }) => name !== from && address === dst)?.name;
  }

  /** Somebody else's address, so that answers do not come back. */
  function isWrong(src: string, from: string): boolean {
    const way = towards(network, src);
    return way === undefined || !('guest' in way) || way.guest !== from;
  }

  function error(
    about: Packet,
    from: string,
    src: string,
    of: Pick<Sending, 'step' | 'begins' | 'flags' | 'payload' | 'neighbour'>,
  ): Sending {
    const bridged = of.neighbour === undefined ? undefined : { from, to: of.neighbour };
    const expected = model.receiveError(about, src, behind(network, from).name, bridged);
    return { ...of, from, packet: about, errorFrom: src, isWrong: isWrong(src, from), expected };
  }

  function take(step: Step, i: number): Sending | undefined {
    if (step.kind === 'new') {
      const { from, packet, flags, payload } = step;
      roots.set(i, i);
      const neighbour = neighbourOf(from, packet.dst);
      return send({ step: i, from, packet, begins: true, flags, payload: payloadOf(packet, payload), neighbour });
    }
    if (step.kind === 'stray') {
      const { from, about } = step;
      return error(about, from, about.dst, { step: i, begins: true, flags: [], payload: 8, neighbour: undefined });
    }
    if (step.kind === 'reload') return undefined;
    const before = sendings.get(step.to);
    if (before === undefined || before.errorFrom !== undefined || before.expected.isInvalid === true) return undefined;
    const { packet, from, begins, flags, neighbour } = before;
    const back = neighbour === undefined ? undefined : from;
    const root = roots.get(step.to)!;
    const isFirst = flags.includes('syn') && !flags.includes('ack');
    const became = before.expected.outcome;
    if (closed.has(root)) return step.kind === 'again' && isFirst ? beginAnew(before, root, i) : undefined;
    roots.set(i, root);
    if (step.kind === 'again') {
      // A connection that was refused is not begun twice with the same packet: that is retransmission, and the same.
      const isEstablished = answered.has(root);
      const payload = isEstablished ? payloadOf(packet, step.payload) : before.payload;
      return send({
        step: i,
        from,
        packet,
        begins,
        flags: isEstablished && isFirst ? ['ack'] : flags,
        payload,
        neighbour,
      });
    }
    if (became.kind !== 'delivered') return undefined;
    if (step.kind === 'close') {
      const first = sendings.get(root)!;
      if (first.packet.protocol !== 'tcp' || !answered.has(root)) return undefined;
      closed.add(root);
      return send({ ...first, step: i, flags: ['rst', 'ack'], payload: 0 });
    }
    if (step.kind === 'error') {
      // Who has not sent it is told by another way than it came.
      if (before.isWrong || sendings.get(root)!.isWrong) return undefined;
      const { arrival, src } = complainer(became, neighbour === undefined ? step.by : 'itself');
      return error(became.packet, arrival, src, { step: i, begins, flags, payload: before.payload, neighbour: back });
    }
    // Of what somebody else has begun in its name the real one knows nothing.
    if (sendings.get(root)!.isWrong && !begins) return undefined;
    const reply = reversed(became.packet);
    const payload = payloadOf(packet, step.payload);
    const answer = send({
      step: i,
      from: became.at,
      packet: reply,
      begins: !begins,
      flags: isFirst ? ['syn', 'ack'] : ['ack'],
      payload,
      neighbour: back,
    });
    if (answer.expected.outcome.kind === 'delivered') answered.add(root);
    return answer;
  }

  /** The same ports once more: another connection. */
  function beginAnew({ packet, from, flags, payload, neighbour }: Sending, root: number, i: number): Sending {
    model.end(
      packet,
      neighbour === undefined ? undefined : { from, to: neighbour, arrival: behind(network, from).name },
    );
    for (const [step, of] of roots) if (of === root) sendings.delete(step);
    roots.set(i, i);
    return send({ step: i, from, packet, begins: true, flags, payload, neighbour });
  }

  /** Who got the packet, or another one there that says it in its place. */
  function complainer({ at, packet }: { at: string; packet: Packet }, by: 'itself' | 'other') {
    const other = behind(network, at).guests.find(({ name }) => name !== at);
    return by === 'itself' || other === undefined
      ? { arrival: at, src: packet.dst }
      : { arrival: other.name, src: other.address };
  }

  return {
    take(step, number) {
      const sending = take(step, number);
      if (sending !== undefined) sendings.set(number, sending);
      return sending;
    },
  };
}

/** Where sequence numbers are looked at, all segments are empty. */
function payloadOf({ protocol }: Packet, payload: number): number {
  return protocol === 'tcp' ? 0 : payload;
}
