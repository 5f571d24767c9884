/** Random rules of iptables, and what is imported of them: for each new connection the same verdict. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Firewall, FirewallAddresses, FirewallRule } from '../../src/config/model.ts';
import { importIptables } from '../../src/import/iptables/iptables.ts';
import { writeFile } from '../../src/import/write-file.ts';
import { holds } from '../netfilter/address.ts';
import { router } from './imported.ts';

const DEVICES = ['eth0', 'eth1', 'wg0'];
const PLACES = [...DEVICES, 'fw'];
const NETWORKS = ['10.0.0.0/24', '10.0.0.5/32', '192.0.2.0/24', '192.0.2.7/32'];
const HOSTS = ['10.0.0.5', '10.0.0.9', '192.0.2.7', '192.0.2.8'];
const PORTS = [22, 80, 90, 443];

interface Matched {
  in: string | undefined;
  out: string | undefined;
  src: string | undefined;
  dst: string | undefined;
  /** Each of the four above may be what it must not be. */
  not: 'in' | 'out' | 'src' | 'dst' | undefined;
  protocol: 'tcp' | 'udp' | undefined;
  port: number | undefined;
}

interface Line extends Matched {
  chain: string;
  target: string;
}

interface Packet {
  in: string;
  out: string;
  src: string;
  dst: string;
  protocol: 'tcp' | 'udp';
  port: number;
}

const option = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });
const line: fc.Arbitrary<Line> = fc.record({
  chain: fc.constantFrom('INPUT', 'OUTPUT', 'FORWARD', 'FORWARD', 'a', 'b'),
  target: fc.constantFrom('ACCEPT', 'ACCEPT', 'DROP', 'REJECT', 'a', 'b'),
  in: option(...DEVICES),
  out: option(...DEVICES),
  src: option(...NETWORKS),
  dst: option(...NETWORKS),
  not: fc.option(fc.constantFrom('in' as const, 'out' as const, 'src' as const, 'dst' as const), {
    nil: undefined,
    freq: 3,
  }),
  protocol: option('tcp' as const, 'udp' as const),
  port: option(...PORTS),
});

/** Only what a hook has: no device out in INPUT, and no chain that calls itself. */
function sound(each: Line): Line {
  const { chain, target, protocol } = each;
  const isLoop = target === chain || (chain === 'b' && target === 'a');
  return {
    ...each,
    target: isLoop ? 'DROP' : target,
    in: chain === 'OUTPUT' ? undefined : each.in,
    out: chain === 'INPUT' ? undefined : each.out,
    port: protocol === undefined ? undefined : each.port,
  };
}

function textOf({ chain, target, protocol, port, not, ...rest }: Line): string {
  const option = (word: string, key: 'in' | 'out' | 'src' | 'dst') =>
    rest[key] === undefined ? '' : ` ${not === key ? '! ' : ''}${word} ${rest[key]}`;
  const ends = [option('-s', 'src'), option('-d', 'dst'), option('-i', 'in'), option('-o', 'out')].join('');
  const what =
    protocol === undefined ? '' : ` -p ${protocol} -m ${protocol}${port === undefined ? '' : ` --dport ${port}`}`;
  return `-A ${chain}${ends}${what} -j ${target}`;
}

/** As the kernel does; undefined: the chain ends. */
function walk(lines: readonly Line[], chain: string, packet: Packet): string | undefined {
  for (const each of lines) {
    if (each.chain !== chain || !applies(each, packet)) continue;
    const verdict = /^[ab]$/.test(each.target) ? walk(lines, each.target, packet) : each.target;
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function applies(each: Matched, packet: Packet): boolean {
  const is = (key: 'in' | 'out' | 'src' | 'dst', isSo: boolean) =>
    each[key] === undefined || (each.not === key ? !isSo : isSo);
  return (
    is('in', each.in === packet.in) &&
    is('out', each.out === packet.out) &&
    is('src', each.src !== undefined && holds(each.src, packet.src)) &&
    is('dst', each.dst !== undefined && holds(each.dst, packet.dst)) &&
    (each.protocol === undefined || each.protocol === packet.protocol) &&
    (each.port === undefined || each.port === packet.port)
  );
}

/** The file's first rule that applies, then its first policy. */
function judge({ rules, policy }: Firewall, packet: Packet): string {
  const isBetween = ({ from, to }: Pick<FirewallRule, 'from' | 'to'>) =>
    (from === undefined || from.name === packet.in) && (to === undefined || to.name === packet.out);
  const isOf = (addresses: FirewallAddresses | undefined, address: string) =>
    addresses === undefined || addresses.prefixes.some((prefix) => holds(prefix, address));
  const number = packet.protocol === 'tcp' ? 6 : 17;
  const isService = ({ services }: FirewallRule) =>
    services === undefined ||
    services.some(({ protocol, ports }) => {
      const isPort = ports.length === 0 || ports.some(([first, last]) => first <= packet.port && packet.port <= last);
      return protocol === number && isPort;
    });
  const rule = rules.find(
    (each) =>
      each.back === undefined &&
      isBetween(each) &&
      isService(each) &&
      isOf(each.fromAddresses, packet.src) &&
      isOf(each.toAddresses, packet.dst),
  );
  return (rule ?? policy.find(isBetween))?.action ?? 'drop';
}

const HOOKS = ['INPUT', 'OUTPUT', 'FORWARD'] as const;

test('what is accepted, dropped and rejected stays so', () => {
  let whole = 0;
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 14 }),
      fc.tuple(...HOOKS.map(() => fc.constantFrom('ACCEPT', 'DROP'))),
      (given, policies) => {
        const lines = given.map(sound);
        const text = [
          ...['*filter', ...HOOKS.map((hook, i) => `:${hook} ${policies[i]} [0:0]`), ':a - [0:0]', ':b - [0:0]'],
          ...lines.map(textOf),
        ];
        const addresses = DEVICES.map((name, i) => [name, `172.16.${i}.1/24`] as const);
        const draft = importIptables(text.join('\n'), { router, addresses, gateway: undefined });
        // Of what is not taken nothing is promised; that a line is never met says nothing of the others.
        if (draft.unmapped.some(({ why }) => !/never applies|nothing that was taken leads/.test(why))) return;
        whole++;
        const loaded = parseConfig(writeFile(draft, 'imported'), 'imported.yaml');
        if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
        for (const from of PLACES) {
          for (const to of PLACES) {
            if (from === 'fw' && to === 'fw') continue;
            for (const src of HOSTS) {
              for (const dst of HOSTS) {
                for (const port of PORTS) {
                  const packet: Packet = { in: from, out: to, src, dst, protocol: port === 90 ? 'udp' : 'tcp', port };
                  const hook = to === 'fw' ? 'INPUT' : from === 'fw' ? 'OUTPUT' : 'FORWARD';
                  const verdict = walk(lines, hook, packet) ?? policies[HOOKS.indexOf(hook)]!;
                  const said = judge(loaded.config.firewall!, packet);
                  if (said !== verdict.toLowerCase()) {
                    throw new Error(`${verdict} became ${said}: ${JSON.stringify(packet)}\n${text.join('\n')}`);
                  }
                }
              }
            }
          }
        }
      },
    ),
  );
  // Most are taken as a whole.
  expect(whole).toBeGreaterThan(50);
});
