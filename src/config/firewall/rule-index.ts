/** Finds, of thousands of rules, the few that may decide all that another one is about: by zones, one service, one address. */

import { networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { FirewallAddresses, FirewallRule } from './model.ts';

/** Ports of a range that are looked up one by one. */
const FEW_PORTS = 16;

export interface RuleIndex {
  add(rule: FirewallRule): void;
  /** All that may cover the rule, in their order, and few others. */
  candidates(rule: FirewallRule): FirewallRule[];
}

export function createRuleIndex(): RuleIndex {
  const rules: FirewallRule[] = [];
  const byKey = new Map<string, number[]>();
  const lengths = new Set<number>();

  return {
    add(rule) {
      const at = rules.push(rule) - 1;
      const zones = `${rule.from?.name ?? '*'} ${rule.to?.name ?? '*'}`;
      for (const service of ownServices(rule)) {
        for (const address of ownAddresses(rule, lengths)) {
          const key = `${zones} ${service} ${address}`;
          const found = byKey.get(key);
          if (found === undefined) byKey.set(key, [at]);
          else found.push(at);
        }
      }
    },
    candidates(rule) {
      const found = new Set<number>();
      const [services, addresses] = [servicesAround(rule), addressesAround(rule, lengths)];
      for (const from of new Set([rule.from?.name ?? '*', '*'])) {
        for (const to of new Set([rule.to?.name ?? '*', '*'])) {
          for (const service of services) {
            for (const address of addresses) {
              for (const at of byKey.get(`${from} ${to} ${service} ${address}`) ?? []) found.add(at);
            }
          }
        }
      }
      return [...found].toSorted((a, b) => a - b).map((at) => rules[at]!);
    },
  };
}

function ownServices({ services }: FirewallRule): string[] {
  if (services === undefined) return ['*'];
  return services.flatMap(({ protocol, ports, types }) => {
    const wide = ports.some(([first, last]) => last - first >= FEW_PORTS);
    if (wide || ports.length + types.length === 0) return [`${protocol}`];
    return [...ports.flatMap(([first, last]) => numbers(first, last)), ...types].map((port) => `${protocol}/${port}`);
  });
}

/** Whatever covers the rule covers the first of its services. */
function servicesAround({ services }: FirewallRule): string[] {
  const first = services?.[0];
  if (first === undefined) return ['*'];
  const port = first.ports[0]?.[0] ?? first.types[0];
  return ['*', `${first.protocol}`, ...(port === undefined ? [] : [`${first.protocol}/${port}`])];
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** By its destinations, else its sources, where they are prefixes alone. */
function ownAddresses({ fromAddresses, toAddresses }: FirewallRule, lengths: Set<number>): string[] {
  for (const [side, addresses] of [
    ['to', toAddresses],
    ['from', fromAddresses],
  ] as const) {
    if (addresses === undefined || addresses.sets.length > 0) continue;
    return addresses.prefixes.map((prefix) => {
      lengths.add(parseIpPrefix(prefix)!.length);
      return `${side} ${prefix}`;
    });
  }
  return ['*'];
}

function addressesAround({ fromAddresses, toAddresses }: FirewallRule, lengths: ReadonlySet<number>): string[] {
  const around = (side: string, addresses: FirewallAddresses | undefined): string[] => {
    const [first] = addresses?.prefixes ?? [];
    if (first === undefined) return [];
    const prefix = parseIpPrefix(first)!;
    const shorter = [...lengths].filter((length) => length <= prefix.length);
    return shorter.map((length) => `${side} ${networkText({ ...prefix, length })}`);
  };
  return ['*', ...around('to', toAddresses), ...around('from', fromAddresses)];
}
