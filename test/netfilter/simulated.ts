/** The packets of a case through Flowloom and a simulated switch. */

import { allLeft, wholeWay } from '../../src/testing/delivery.ts';
import { lab } from '../../src/testing/index.ts';
import { fileOf, ROUTER_MAC } from './file.ts';
import type { Case } from './network.ts';
import { play } from './play.ts';

/** What became otherwise than the model says, a line each; and the ways of all packets in words. */
export async function simulate(given: Case): Promise<{ deviations: string[]; ways: string[] }> {
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
  const ways: string[] = [];
  const deviations = await play(given, {
    routerMac: ROUTER_MAC,
    macOf: (guest) => net.guest(guest).mac,
    async send(from, frame) {
      const delivery = await net.send(from, frame);
      ways.push(wholeWay(delivery));
      // The first of all that came counts: what guests answer by themselves comes after it.
      return allLeft(delivery).flatMap((left) =>
        left.guest === undefined ? [] : [{ at: left.guest, frame: left.frame }],
      );
    },
  });
  return { deviations, ways };
}
