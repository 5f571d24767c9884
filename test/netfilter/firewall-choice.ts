/** Random rules and policies of a firewall. */

import type { Random } from '../fuzz/random.ts';
import { prefixOf } from './address-choice.ts';
import {
  type Action,
  type Log,
  type Network,
  OTHER_PROTOCOLS,
  type Policy,
  type Ports,
  type Rule,
  type Service,
  type Side,
} from './network.ts';

const PORTS = [22, 80, 443, 5000, 5003, 8080];
const ACTIONS: readonly Action[] = ['accept', 'accept', 'accept', 'drop', 'reject'];
/** Bytes of IP. */
const SIZES = [60, 100, 500, 1000];

const [FIRST, LAST] = OTHER_PROTOCOLS;

/** The file's own services. */
export const OWN_SERVICES: Record<string, { text: string[]; any: Service[] }> = {
  games: {
    text: ['tcp 80,8080', 'udp 5000-5010'],
    any: [
      {
        protocol: 'tcp',
        ports: [
          [80, 80],
          [8080, 8080],
        ],
      },
      { protocol: 'udp', ports: [[5000, 5010]] },
    ],
  },
  odd: {
    text: Array.from({ length: LAST - FIRST + 1 }, (_, i) => `protocol ${FIRST + i}`),
    any: [{ protocol: 'other' }],
  },
  checks: {
    text: ['tcp 22', 'ping'],
    any: [
      { protocol: 'tcp', ports: [[22, 22]] },
      { protocol: 'icmp', echo: true },
    ],
  },
};

export function makeFirewall(random: Random, network: Network): NonNullable<Network['firewall']> {
  const sets = Array.from({ length: 2 }, () =>
    Array.from({ length: 1 + random.below(3) }, () => prefixOf(random, network)),
  );
  const rules = new Map<string, Rule>();
  for (let i = random.below(9); i > 0; i--) {
    const rule = makeRule(
      random,
      network,
      sets.map((each) => [...new Set(each)]),
    );
    const { action: _, log, limit: __, ...match } = rule;
    const key = JSON.stringify({ ...match, service: rule.service?.text });
    if (rules.has(key)) continue;
    rules.set(key, { ...rule, ...logOf(random, `r${rules.size}`) });
  }
  return { rules: [...rules.values()], policy: makePolicy(random, network) };
}

function zonesIn({ interfaces }: Network): string[] {
  return [...new Set(interfaces.flatMap(({ zone, guests }) => [zone, ...guests.map((guest) => guest.zone)]))].filter(
    (zone) => zone !== undefined,
  );
}

function makeRule(random: Random, network: Network, sets: readonly string[][]): Rule {
  const action = random.pick(ACTIONS);
  const burst = 1 + random.below(3);
  const kind = action === 'accept' ? random.pick(['connections', 'packets'] as const) : 'connections';
  return {
    action,
    from: makeSide(random, network, [...zonesIn(network), 'all'], sets),
    to: makeSide(random, network, [...zonesIn(network), 'all', 'fw'], sets),
    service: makeService(random, network.family),
    ...(random.below(6) === 0 ? { over: random.pick(SIZES) } : {}),
    ...(random.below(7) === 0 ? { limit: { kind, burst } } : {}),
  };
}

function makeSide(random: Random, network: Network, zones: readonly string[], sets: readonly string[][]): Side {
  const zone = random.pick(zones);
  if (zone === 'fw') return { zone };
  switch (random.below(7)) {
    case 0:
    case 1:
      return { zone, prefixes: [prefixOf(random, network)] };
    case 2: {
      const prefixes = [prefixOf(random, network), prefixOf(random, network)];
      return { zone, prefixes: [...new Set(prefixes)] };
    }
    case 3: {
      const i = random.below(sets.length);
      return { zone, set: `set${i}`, prefixes: sets[i]! };
    }
    default:
      return { zone };
  }
}

function makeService(random: Random, family: 4 | 6): Rule['service'] {
  const named = (text: string, any: Service[]) => ({ text, any });
  switch (random.below(10)) {
    case 0:
    case 1:
      return undefined;
    case 2: {
      const name = random.pick(Object.keys(OWN_SERVICES));
      return named(name, OWN_SERVICES[name]!.any);
    }
    case 3:
      return named('ping', [{ protocol: 'icmp', echo: true }]);
    case 4:
      return named(family === 4 ? 'icmp' : 'icmpv6', [{ protocol: 'icmp' }]);
    case 5:
      return named('http,ssh', [
        {
          protocol: 'tcp',
          ports: [
            [80, 80],
            [22, 22],
          ],
        },
      ]);
    case 6:
      return named('odd', OWN_SERVICES.odd!.any);
    default: {
      const protocol = random.pick(['tcp', 'tcp', 'udp'] as const);
      if (random.below(4) === 0) return named(protocol, [{ protocol }]);
      const ports = Array.from({ length: 1 + random.below(2) }, (): Ports => {
        const first = random.pick(PORTS);
        return [first, random.below(3) === 0 ? first + random.below(3000) : first];
      });
      const text = ports.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
      return named(`${protocol} ${text.join(',')}`, [{ protocol, ports }]);
    }
  }
}

function logOf(random: Random, prefix: string): { log?: Log } {
  return random.below(4) === 0 ? { log: { prefix, burst: 1 + random.below(4) } } : {};
}

function makePolicy(random: Random, network: Network): Policy[] {
  const policy = new Map<string, Policy>();
  for (let i = 1 + random.below(4); i > 0; i--) {
    const from = random.pick([...zonesIn(network), 'all']);
    const to = random.pick([...zonesIn(network), 'all', 'fw']);
    if (policy.has(`${from} ${to}`)) continue;
    policy.set(`${from} ${to}`, { from, to, action: random.pick(ACTIONS), ...logOf(random, `p${policy.size}`) });
  }
  // Half of them let pass what nobody has thought of, so that there is something to translate.
  if (random.below(2) === 0 && !policy.has('all all')) {
    policy.set('all all', { from: 'all', to: 'all', action: 'accept', ...logOf(random, `p${policy.size}`) });
  }
  return [...policy.values()];
}

/** Nothing is counted over a reload: no limits, no logs; and no sizes, which a connection's next packet may not have. */
export function withoutCounts({ rules, policy }: NonNullable<Network['firewall']>): NonNullable<Network['firewall']> {
  const plain = new Map<string, Rule>();
  for (const { action, from, to, service } of rules) {
    const key = JSON.stringify([from, to, service?.text]);
    if (!plain.has(key)) plain.set(key, { action, from, to, service });
  }
  return { rules: [...plain.values()], policy: policy.map(({ from, to, action }) => ({ from, to, action })) };
}
