/** Random rules of NAT, such that no file refuses them. */

import type { Random } from '../fuzz/random.ts';
import { hostAt, prefixOf } from './address-choice.ts';
import type { Interface, NatRule, Network, Ports } from './network.ts';

/** Those of the forwards in a file, from where they may begin to how many they are. */
const RANGES: readonly Ports[] = [
  [80, 80],
  [22, 22],
  [5000, 5010],
  [8080, 8080],
  [5003, 5003],
];
const TARGET_PORTS = [undefined, undefined, 80, 8080, 6000];
const SOURCE_PORTS: readonly (Ports | undefined)[] = [undefined, undefined, undefined, [2000, 2001], [20_000, 20_003]];
/** Hosts on the outside prefix that nobody has. */
const NOBODY = 5;
const POOL: readonly [number, number] = [32, 35];
const PAIRED = { outside: 64, inside: 8, count: 4 };

export function makeNat(random: Random, network: Network): NatRule[] {
  const rules: NatRule[] = [];
  const taken = new Set<string>();
  /** Two rules that want the same are refused by the file. */
  const add = (keys: readonly string[], rule: NatRule) => {
    if (keys.some((key) => taken.has(key))) return;
    for (const key of keys) taken.add(key);
    rules.push(rule);
  };
  for (let i = random.below(8); i > 0; i--) makeRule(random, network, add);
  return rules;
}

type Add = (keys: readonly string[], rule: NatRule) => void;

function makeRule(random: Random, network: Network, add: Add): void {
  const { family, interfaces, routes } = network;
  const [outside, ...inside] = interfaces as [Interface, ...Interface[]];
  const outer = (host: number) => hostAt(family, 0, host);
  const out = random.below(5) === 0 ? random.pick(inside) : outside;
  const others = interfaces.filter((each) => each !== out);
  const from = random.pick([
    random.pick(others).prefix,
    prefixOf(random, { ...network, interfaces: others }),
    // As people write it: everything that leaves there.
    ...(random.below(4) === 0 ? [family === 4 ? '0.0.0.0/0' : '::/0'] : []),
  ]);
  const ports = random.pick(SOURCE_PORTS);
  const withPorts = ports === undefined ? {} : { ports: [...ports] as Ports };
  const key = `from ${from} ${out.name}`;
  switch (random.below(7)) {
    case 0:
      add([key], { kind: 'masquerade', from, out: out.name, ...withPorts });
      return;
    case 1: {
      if (out !== outside) return;
      const own = random.pick(outside.own);
      const to = random.pick([
        [own, own],
        [own, own],
        [outer(2), outer(3)],
        [outer(NOBODY), outer(NOBODY)],
        [outer(POOL[0]), outer(POOL[1])],
      ] as const);
      // With several addresses it is not said which of them runs out first.
      add([key], { kind: 'snat', from, to: [...to], out: out.name, ...(to[0] === to[1] ? withPorts : {}) });
      return;
    }
    case 2: {
      const to = random.below(2) === 0 ? undefined : prefixOf(random, network);
      add([to === undefined ? key : `${key} ${to}`], {
        kind: 'exempt',
        from,
        out: out.name,
        ...(to === undefined ? {} : { to }),
      });
      return;
    }
    case 3: {
      const i = 1 + random.below(inside.length);
      if (random.below(3) === 0) {
        const run = (first: number, at: number) =>
          Array.from({ length: PAIRED.count }, (_, n) => hostAt(family, at, first + n));
        const paired = { outside: run(PAIRED.outside, 0), inside: run(PAIRED.inside, i) };
        add(
          [...paired.outside, ...paired.inside].map((each) => `one ${each}`),
          { kind: 'oneToOne', ...paired },
        );
        return;
      }
      const one = random.pick([outside.own[3]!, outer(NOBODY + 1)]);
      const target = random.pick(interfaces[i]!.guests).address;
      add([`one ${one}`, `one ${target}`], { kind: 'oneToOne', outside: [one], inside: [target] });
      return;
    }
    default: {
      const protocol = random.pick(['tcp', 'udp'] as const);
      const range = random.pick(RANGES);
      const address = random.pick([...outside.own, outer(NOBODY + 1), outer(NOBODY + 2)]);
      const station = routes.find(({ prefix, via }) => 'guest' in via && !prefix.endsWith('/0'))?.station;
      const guests = inside.flatMap((each) => each.guests.map((guest) => guest.address));
      const toAddress = random.pick([...guests, ...(station === undefined ? [] : [station])]);
      const who = random.below(5) === 0 ? prefixOf(random, network) : undefined;
      add([`forward ${protocol} ${address} ${range} ${who}`], {
        ...{ kind: 'forward', protocol, address, ports: [...range] },
        ...{ toAddress, toPort: random.pick(TARGET_PORTS) },
        ...(who === undefined ? {} : { from: who }),
      });
    }
  }
}
