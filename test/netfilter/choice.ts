/** Random networks and packets: few addresses and ports, so that rules and packets meet. */

import type { Random } from '../fuzz/random.ts';
import {
  type Action,
  type Case,
  type Interface,
  inPrefix,
  type NatRule,
  type Network,
  type Packet,
  type Policy,
  type Protocol,
  type Rule,
  type Side,
  type Step,
} from './network.ts';

const PORTS = [22, 80, 443, 5000, 5003, 8080];
/** Those of the forwards in a file, from where they may begin to how many they are. */
const RANGES: readonly (readonly [number, number])[] = [
  [80, 80],
  [22, 22],
  [5000, 5010],
  [8080, 8080],
  [5003, 5003],
];
const TARGET_PORTS = [undefined, undefined, 80, 8080, 6000];
const GUESTS = 2;
/** Each packet has a source port of its own; nothing has to be translated to another one. */
const FIRST_PORT = 20_000;

export function makeCase(random: Random, family: 4 | 6): Case {
  const network = makeNetwork(random, family);
  return { network, steps: makeSteps(random, network) };
}

function makeNetwork(random: Random, family: 4 | 6): Network {
  const count = 2 + random.below(2);
  const zones = ['red', 'green', 'blue'];
  const interfaces = Array.from({ length: count }, (_, i): Interface => {
    const at = (host: number) => (family === 4 ? `10.0.${i}.${host}` : `fd00:0:0:${i + 1}::${host}`);
    return {
      name: `s${i}`,
      own: [at(1), ...(i === 0 ? [at(2), at(3), at(4)] : [])],
      prefix: family === 4 ? `10.0.${i}.0/24` : `fd00:0:0:${i + 1}::/64`,
      zone: random.below(4) === 0 ? 'red' : zones[i]!,
      guests: Array.from({ length: GUESTS }, (_, n) => ({ name: `g${i}${n}`, address: at(11 + n) })),
    };
  });
  const network: Network = { family, interfaces, nat: [], firewall: undefined };
  network.nat = makeNat(random, network);
  if (random.below(4) > 0)
    network.firewall = { rules: makeRules(random, network), policy: makePolicy(random, network) };
  return network;
}

function prefixOf(random: Random, { family, interfaces }: Network): string {
  const each = random.pick(interfaces);
  const guest = random.pick(each.guests).address;
  return random.pick([each.prefix, each.prefix, family === 4 ? `${guest}/32` : `${guest}/128`]);
}

function makeNat(random: Random, network: Network): NatRule[] {
  const rules: NatRule[] = [];
  const [outside, ...inside] = network.interfaces;
  const taken = new Set<string>();
  /** Two rules that want the same are refused by the file. */
  const add = (key: string, rule: NatRule) => {
    if (taken.has(key)) return;
    taken.add(key);
    rules.push(rule);
  };
  for (let i = random.below(6); i > 0; i--) {
    const target = random.pick(random.pick(inside).guests).address;
    const address = random.pick(outside!.own);
    const from = random.pick([random.pick(inside).prefix, prefixOf(random, { ...network, interfaces: inside })]);
    switch (random.below(6)) {
      case 0:
        add(`${from} ${outside!.name}`, { kind: 'masquerade', from, out: outside!.name });
        break;
      case 1:
        add(`${from} ${outside!.name}`, { kind: 'snat', from, to: address, out: outside!.name });
        break;
      case 2:
        add(`${from} ${outside!.name}`, { kind: 'exempt', from, out: outside!.name });
        break;
      case 3: {
        const one = outside!.own[3]!;
        if (taken.has(`in ${target}`)) break;
        taken.add(`in ${target}`);
        add(`one ${one}`, { kind: 'oneToOne', outside: one, inside: target });
        break;
      }
      default: {
        const protocol = random.pick(['tcp', 'udp'] as const);
        const ports = random.pick(RANGES);
        // The last address is for one-to-one alone.
        const on = random.pick(outside!.own.slice(0, 3));
        const overlapping = [...taken].some((key) => key.startsWith(`${protocol} ${on} `) && meets(key, ports));
        if (overlapping) break;
        const toPort = random.pick(TARGET_PORTS);
        add(`${protocol} ${on} ${ports[0]} ${ports[1]}`, {
          ...{ kind: 'forward', protocol, address: on, ports: [...ports], toAddress: target, toPort },
        });
      }
    }
  }
  return rules;
}

function meets(key: string, [first, last]: readonly [number, number]): boolean {
  const [, , from, to] = key.split(' ');
  return first <= Number(to) && Number(from) <= last;
}

const ACTIONS: readonly Action[] = ['accept', 'accept', 'accept', 'drop', 'reject'];

function zonesIn({ interfaces }: Network): string[] {
  return [...new Set(interfaces.map(({ zone }) => zone))];
}

function makeRules(random: Random, network: Network): Rule[] {
  const rules = new Map<string, Rule>();
  for (let i = random.below(8); i > 0; i--) {
    const rule: Rule = {
      action: random.pick(ACTIONS),
      from: makeSide(random, network, [...zonesIn(network), 'all']),
      to: makeSide(random, network, [...zonesIn(network), 'all', 'fw']),
      service: makeService(random),
    };
    const { action: _, ...match } = rule;
    const key = JSON.stringify(match);
    if (!rules.has(key)) rules.set(key, rule);
  }
  return [...rules.values()];
}

function makeSide(random: Random, network: Network, zones: readonly string[]): Side {
  const zone = random.pick(zones);
  return zone === 'fw' || random.below(3) > 0 ? { zone } : { zone, prefix: prefixOf(random, network) };
}

function makeService(random: Random): Rule['service'] {
  const protocol = random.pick<Protocol | undefined>(['tcp', 'tcp', 'udp', 'icmp', undefined]);
  if (protocol === undefined) return undefined;
  if (protocol === 'icmp' || random.below(4) === 0) return { protocol };
  const first = random.pick(PORTS);
  return { protocol, ports: [first, random.below(3) === 0 ? first + random.below(3000) : first] };
}

function makePolicy(random: Random, network: Network): Policy[] {
  const policy = new Map<string, Policy>();
  for (let i = 1 + random.below(4); i > 0; i--) {
    const from = random.pick([...zonesIn(network), 'all']);
    const to = random.pick([...zonesIn(network), 'all', 'fw']);
    if (!policy.has(`${from} ${to}`)) policy.set(`${from} ${to}`, { from, to, action: random.pick(ACTIONS) });
  }
  return [...policy.values()];
}

function makeSteps(random: Random, network: Network): Step[] {
  const steps: Step[] = [];
  const guests = network.interfaces.flatMap((each) => each.guests);
  const addresses = [
    ...guests.map(({ address }) => address),
    ...network.interfaces.flatMap(({ own }) => own),
    ...network.interfaces[0]!.own,
    network.family === 4 ? '10.9.9.9' : 'fd00:0:0:99::9',
  ];
  for (let i = 0; i < 24; i++) {
    const kind = random.below(10);
    if (i > 0 && kind < 3) steps.push({ kind: kind === 0 ? 'again' : 'reply', to: random.below(i) });
    else if (i > 0 && kind === 3) steps.push({ kind: 'error', to: random.below(i) });
    else {
      const from = random.pick(guests);
      // What stays on a segment does not come to the router.
      const own = network.interfaces.find((each) => each.guests.includes(from))!;
      const dst = random.pick(addresses.filter((each) => own.own.includes(each) || !inPrefix(own.prefix, each)));
      steps.push({ kind: 'new', from: from.name, packet: makePacket(random, from.address, dst, FIRST_PORT + i) });
    }
  }
  return steps;
}

function makePacket(random: Random, src: string, dst: string, own: number): Packet {
  const protocol = random.pick<Protocol>(['tcp', 'tcp', 'udp', 'icmp']);
  const dstPort = protocol === 'icmp' ? own : random.pick(PORTS);
  return { protocol, src, dst, srcPort: own, dstPort };
}
