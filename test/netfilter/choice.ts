/** Random networks and packets: few addresses and ports, so that rules and packets meet. */

import type { Random } from '../fuzz/random.ts';
import { hostAt, prefixAt } from './address-choice.ts';
import { makeFirewall, withoutCounts } from './firewall-choice.ts';
import { makeNat } from './nat-choice.ts';
import type { Case, Guest, Interface, InterfaceOption, Network, Route } from './network.ts';
import { withReloads } from './reload-choice.ts';
import { makeSteps } from './step-choice.ts';

const GUESTS = 2;
const FIRST_GUEST = 8;
const ZONES = ['red', 'green', 'blue'];

export function makeCase(random: Random, family: 4 | 6): Case {
  const network = makeNetwork(random, family);
  const hasReloads = network.firewall !== undefined && random.below(4) === 0;
  if (hasReloads) network.firewall = withoutCounts(network.firewall!);
  const steps = makeSteps(random, network);
  return { network, steps: hasReloads ? withReloads(random, network, steps) : steps };
}

function makeNetwork(random: Random, family: 4 | 6): Network {
  const count = 2 + random.below(2);
  const hasZoneless = random.below(8) === 0;
  const interfaces = Array.from({ length: count }, (_, i): Interface => {
    const at = (host: number) => hostAt(family, i, host);
    const zone = random.below(4) === 0 ? 'red' : ZONES[i]!;
    return {
      name: `s${i}`,
      own: [at(1), ...(i === 0 ? [at(2), at(3), at(4)] : [])],
      prefix: prefixAt(family, i),
      zone: hasZoneless && i === count - 1 ? undefined : zone,
      guests: Array.from({ length: GUESTS }, (_, n) => ({ name: `g${i}${n}`, address: at(FIRST_GUEST + n) })),
      options: makeOptions(random, i),
    };
  });
  const network: Network = { family, interfaces, routes: [], nat: [], firewall: undefined };
  for (const each of interfaces) if (random.below(4) === 0) makePortZones(random, each.guests);
  network.routes = makeRoutes(random, network);
  network.nat = makeNat(random, network);
  if (random.below(5) > 0) network.firewall = makeFirewall(random, network);
  return network;
}

/** `yard`: of ports alone. A port may be in none. */
function makePortZones(random: Random, guests: readonly Guest[]): void {
  for (const guest of guests) {
    const zone = random.pick(['red', 'yard', 'yard', undefined]);
    if (zone !== undefined) guest.zone = zone;
  }
}

function makeOptions(random: Random, i: number): InterfaceOption[] {
  const options: InterfaceOption[] = [];
  const isOutside = i === 0;
  if (isOutside && random.below(5) === 0) options.push('norfc1918');
  if (random.below(6) === 0) options.push('nosmurfs');
  if (random.below(6) === 0) options.push('tcpflags');
  if (random.below(6) === 0) options.push('routefilter');
  if (random.below(6) === 0) options.push('routeback');
  return options;
}

const REFUSED = ['unreachable', 'prohibit', 'blackhole'] as const;

function makeRoutes(random: Random, { family, interfaces }: Network): Route[] {
  const routes: Route[] = [];
  const gateway = (guests: readonly Guest[]) => ({ guest: random.pick(guests).name });
  const everybody = interfaces.flatMap(({ guests }) => guests);
  const v4 = family === 4;
  if (random.below(3) === 0) {
    const prefix = v4 ? '10.9.0.0/16' : 'fd00:0:9::/48';
    routes.push({ prefix, via: gateway(everybody), station: v4 ? '10.9.9.9' : 'fd00:0:9:9::9' });
  }
  if (random.below(4) === 0) {
    const prefix = v4 ? '10.9.8.0/24' : 'fd00:0:9:8::/64';
    const via = random.below(2) === 0 ? gateway(everybody) : { refused: random.pick(REFUSED) };
    routes.push({ prefix, via, station: v4 ? '10.9.8.8' : 'fd00:0:9:8::8' });
  }
  if (random.below(3) === 0) {
    const prefix = v4 ? '0.0.0.0/0' : '::/0';
    routes.push({ prefix, via: gateway(interfaces[0]!.guests), station: v4 ? '203.0.113.9' : '2001:db8::9' });
  }
  return routes;
}
