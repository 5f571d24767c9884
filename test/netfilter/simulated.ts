/** The packets of a case through Flowloom and a simulated switch. */

import { buildPacket } from '../../src/packet/build.ts';
import { allLeft, wholeWay } from '../../src/testing/delivery.ts';
import { lab } from '../../src/testing/index.ts';
import { fileOf, ROUTER_MAC } from './file.ts';
import type { Case } from './network.ts';
import { type Played, play } from './play.ts';

/** With the ways of all packets in words. */
export async function simulate(given: Case): Promise<Played & { ways: string[] }> {
  const { network } = given;
  const [key, length] = network.family === 4 ? ['ip', 24] : ['ip6', 64];
  const guests = Object.fromEntries(
    network.interfaces.flatMap(({ own, guests }) =>
      guests.map(({ name, address }) => {
        const at = { at: `hv1/br0:${name}`, [key as string]: `${address}/${length}`, gateway: own[0]! };
        return [name, at];
      }),
    ),
  );
  await using net = await lab({ file: fileOf(network), guests });
  // Where a station is not known its packets are flooded, and of copies nobody is told.
  for (const name of Object.keys(guests)) {
    await net.send(name, buildPacket({ eth: { src: net.guest(name).mac, dst: ROUTER_MAC } }));
  }
  const ways: string[] = [];
  let told = net.told.length;
  const played = await play(given, {
    routerMac: ROUTER_MAC,
    macOf: (guest) => net.guest(guest).mac,
    async send(from, frame) {
      const delivery = await net.send(from, frame);
      ways.push(wholeWay(delivery));
      // The first of all that came counts: what guests answer by themselves comes after it.
      return allLeft(delivery).flatMap((left) =>
        left.guest === undefined ? [] : [{ at: left.guest, frame: left.frame, isTaken: left.taken }],
      );
    },
    mayDiffer({ from, packet, errorFrom, expected }, found) {
      // Of who speaks to itself without ports nobody tells questions from answers.
      const { outcome } = expected;
      if (packet.protocol === 'other' && outcome.kind === 'delivered' && outcome.at === from) return true;
      // Open vSwitch's first zone knows connections as they are inside, and who is spoken to may answer there, too.
      if (expected.isInner === true) return true;
      // What another router says, and a rule would translate, though not its connection, is dropped.
      const isOfAnother = errorFrom !== undefined && errorFrom !== packet.dst;
      if (isOfAnother && found.kind === 'dropped' && network.nat.length > 0) return true;
      // It writes a checksum of TCP into what an ICMPv6 error quotes.
      const isQuoted = errorFrom !== undefined && network.family === 6 && packet.protocol === 'tcp';
      return isQuoted && outcome.kind === 'error delivered' && network.nat.length > 0;
    },
    reload: (changed) => net.reload({ file: fileOf(changed) }),
    logged() {
      const fresh = net.told.slice(told).filter(({ app }) => app === 'firewall');
      told = net.told.length;
      return fresh.map(({ fields, text }) => String(fields.prefix ?? text));
    },
  });
  return { ...played, ways };
}
