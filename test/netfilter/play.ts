/**
 * The steps of a case through something that forwards. Which source port a translation takes is its own choice, as long as it is
 * free and in the range: whoever answers, answers to that one.
 */

import { behind, type Case, type Network, type Outcome, type Packet } from './network.ts';
import { type Arrived, deviation, outcomeOf } from './outcome.ts';
import { frameOf, planOf, type Sending } from './plan.ts';

/** Of `masquerade` and `snat` where the file says nothing. */
const [FIRST, LAST] = [1024, 65_535];

export interface Forwarder {
  /** MAC addresses of a guest and of the router. */
  macOf(guest: string): string;
  routerMac: string;
  send(from: string, frame: Uint8Array): Promise<readonly Arrived[]>;
  /** Why it may do otherwise here; undefined: it may not. */
  mayDiffer?(expected: Outcome, found: Outcome): boolean;
}

/** What became otherwise than the model says, a line each. */
export async function play(given: Case, forwarder: Forwarder): Promise<string[]> {
  const { network } = given;
  const ports = createPorts();
  const deviations: string[] = [];
  for (const sending of planOf(given)) {
    const { from } = sending;
    const chosen = { ...sending, packet: ports.asChosen(sending.packet) };
    const frame = frameOf(network, chosen, forwarder.macOf(from), forwarder.routerMac);
    const found = outcomeOf(network, chosen, await forwarder.send(from, frame));
    const outcome = ports.asExpected(sending, found, network);
    if (forwarder.mayDiffer?.(sending.expected, outcome) === true) continue;
    const line = deviation(sending, outcome);
    if (line !== undefined) deviations.push(line);
  }
  return deviations;
}

interface Ports {
  asChosen(packet: Packet): Packet;
  asExpected(sending: Sending, found: Outcome, network: Network): Outcome;
}

/** Port that the model gave ⇄ port that was taken. */
function createPorts(): Ports {
  const chosen = new Map<string, number>();
  const expected = new Map<string, number>();
  const key = ({ protocol }: Packet, address: string, port: number) => `${protocol} ${address} ${port}`;
  const renamed = (packet: Packet, names: ReadonlyMap<string, number>): Packet => ({
    ...packet,
    srcPort: names.get(key(packet, packet.src, packet.srcPort)) ?? packet.srcPort,
    dstPort: names.get(key(packet, packet.dst, packet.dstPort)) ?? packet.dstPort,
  });

  function learn(wanted: Packet, got: Packet): void {
    const isSame = wanted.protocol === got.protocol && wanted.src === got.src && wanted.dst === got.dst;
    if (!isSame || wanted.dstPort !== got.dstPort || got.protocol === 'icmp') return;
    const mine = key(wanted, wanted.src, wanted.srcPort);
    const taken = key(got, got.src, got.srcPort);
    if (chosen.has(mine) || expected.has(taken) || got.srcPort < FIRST || got.srcPort > LAST) return;
    chosen.set(mine, got.srcPort);
    expected.set(taken, wanted.srcPort);
  }

  return {
    asChosen: (packet) => renamed(packet, chosen),
    asExpected({ expected: wanted, packet, from }, found, network) {
      if (found.kind === 'delivered' && wanted.kind === 'delivered') {
        const isTranslated =
          behind(network, from).guests.some(({ address }) => address === packet.src) &&
          wanted.packet.src !== packet.src;
        if (isTranslated) learn(wanted.packet, found.packet);
        return { ...found, packet: renamed(found.packet, expected) };
      }
      return found.kind === 'error delivered' ? { ...found, about: renamed(found.about, expected) } : found;
    },
  };
}
