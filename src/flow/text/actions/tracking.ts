/** ct and nat: connection tracking, and the translation of addresses inside it (ovs-actions(7), Connection Tracking). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { fault, shortened } from '../fault.ts';
import { fromBits, ipv6Shown, toBits } from '../field-bits.ts';
import { integerOf, numberIn } from '../numbers.ts';
import { parseTable } from '../port-words.ts';
import { part, type Slice, textOf } from '../slice.ts';
import { formatSubfield, parseSubfield64, withShortHeader } from '../subfield.ts';
import type { Word } from '../words.ts';
import { type ActionOf, type Actions, type Context, options } from './kinds.ts';

type Ct = ActionOf<'ct'>;
type Nat = ActionOf<'nat'>;

/** Application-level gateways by their port. */
const GATEWAYS: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['tftp', 69],
]);

function formatCt({ flags, table, zone, alg, actions }: Ct, print: (actions: readonly Action[]) => string): string {
  const parts = flags.map((flag) => (typeof flag === 'number' ? `flags=${flag}` : flag));
  if (table !== undefined) parts.push(`table=${table}`);
  if (typeof zone !== 'number') parts.push(`zone=${formatSubfield(zone)}`);
  else if (zone !== 0) parts.push(`zone=${zone}`);
  const [first, ...rest] = actions;
  const inside = first?.type === 'nat' ? rest : actions;
  if (first?.type === 'nat') parts.push(formatNat(first));
  if (inside.length > 0) parts.push(`exec(${print(inside)})`);
  if (alg !== 0) parts.push(`alg=${[...GATEWAYS].find(([, port]) => port === alg)?.[0] ?? alg}`);
  return `ct(${parts.join(',')})`;
}

function parseCt({ key, value }: Word, context: Context): Action[] {
  const flags = new Set<'commit' | 'force'>();
  const actions: Action[] = [];
  const ct: Ct = { type: 'ct', flags: [], zone: 0, alg: 0, actions };
  options(value, 'ct', {
    commit: () => flags.add('commit'),
    force: () => flags.add('force'),
    table: (word) => {
      ct.table = parseTable(word.value, context.names);
    },
    zone: (word) => {
      ct.zone = zoneIn(word.value);
    },
    alg: (word) => {
      ct.alg = gatewayIn(word.value);
    },
    nat: (word) => {
      actions.push(parseNat(word.value));
    },
    exec: (word) => {
      actions.push(...context.list(word.value, 'ct'));
    },
  });
  if (flags.has('force') && !flags.has('commit')) throw fault(key, 'ct(force) needs commit too');
  ct.flags = (['commit', 'force'] as const).filter((flag) => flags.has(flag));
  return [ct];
}

function zoneIn(slice: Slice): Ct['zone'] {
  return integerOf(textOf(slice)) === undefined
    ? withShortHeader(slice, parseSubfield64(slice))
    : numberIn(slice, 16, 'a zone');
}

function gatewayIn(slice: Slice): number {
  const text = textOf(slice);
  const port = GATEWAYS.get(text) ?? [...GATEWAYS.values()].find((known) => String(known) === text);
  if (port !== undefined) return port;
  throw fault(slice, `"${shortened(text)}" is no gateway that Open vSwitch has: ftp and tftp are`);
}

function formatNat({ flags, ipv4Min, ipv4Max, ipv6Min, ipv6Max, protoMin, protoMax }: Nat): string {
  const side = flags.find((flag) => flag === 'src' || flag === 'dst');
  if (side === undefined) return 'nat';
  const ports = protoMin === undefined || protoMin === 0 ? '' : `:${protoMin}`;
  const bracketed = (address: string) => (ports === '' ? shownIpv6(address) : `[${shownIpv6(address)}]`);
  let range = ipv4Min ?? (ipv6Min === undefined ? '' : bracketed(ipv6Min));
  if (ipv4Max !== undefined && ipv4Max !== ipv4Min) range += `-${ipv4Max}`;
  if (ipv6Max !== undefined && ipv6Max !== ipv6Min) range += `-${bracketed(ipv6Max)}`;
  range += ports;
  if (ports !== '' && protoMax !== undefined && protoMax !== 0 && protoMax !== protoMin) range += `-${protoMax}`;
  const parts = [range === '' ? side : `${side}=${range}`];
  for (const [flag, word] of NAT_FLAGS) if (flags.includes(flag)) parts.push(word);
  return `nat(${parts.join(',')})`;
}

function shownIpv6(address: string): string {
  const bits = toBits('ipv6Src', address);
  return bits === undefined ? address : ipv6Shown(bits);
}

const NAT_FLAGS = [
  ['persistent', 'persistent'],
  ['protoHash', 'hash'],
  ['protoRandom', 'random'],
] as const;

function parseNat(slice: Slice): Nat {
  const flags = new Set<(typeof NAT_FLAGS)[number][0] | 'src' | 'dst'>();
  let range: Partial<Nat> = {};
  const side = (word: Word) => {
    flags.add(word.name as 'src' | 'dst');
    range = word.sign === '' ? {} : rangeIn(word.value);
  };
  options(slice, 'nat', {
    src: side,
    dst: side,
    persistent: () => flags.add('persistent'),
    hash: () => flags.add('protoHash'),
    random: () => flags.add('protoRandom'),
  });
  if (flags.has('src') && flags.has('dst')) throw fault(slice, 'nat takes src or dst, not both');
  if (flags.has('protoHash') && flags.has('protoRandom')) throw fault(slice, 'nat takes hash or random, not both');
  if (flags.size > 0 && !flags.has('src') && !flags.has('dst'))
    throw fault(slice, 'nat needs src or dst beside its flags');
  const order = ['src', 'dst', 'persistent', 'protoHash', 'protoRandom'] as const;
  return { type: 'nat', flags: order.filter((flag) => flags.has(flag)), ...range };
}

const IPV4 = /^(\d+\.\d+\.\d+\.\d+)(?:-(\d+\.\d+\.\d+\.\d+))?(?::(.*))?$/;
const IPV6 = /^\[([0-9a-fA-F:.]+)\](?:-\[([0-9a-fA-F:.]+)\])?(?::(.*))?$/;
const BARE_IPV6 = /^(?=[^-]*:.*:)([0-9a-fA-F:.]+)(?:-([0-9a-fA-F:.]+))?$/;

/** `ADDRESS[-ADDRESS][:PORT[-PORT]]`; an IPv6 address before a port stands in brackets. */
function rangeIn(slice: Slice): Partial<Nat> {
  const text = textOf(slice);
  const four = IPV4.exec(text);
  const six = four === null ? (IPV6.exec(text) ?? BARE_IPV6.exec(text)) : null;
  const [, min, max, ports] = four ?? six ?? [];
  if (min === undefined) throw fault(slice, `"${shortened(text)}" is no range: ADDRESS[-ADDRESS][:PORT[-PORT]] is`);
  const field = four === null ? 'ipv6Src' : 'ipv4Src';
  const from = address(slice, text.indexOf(min), min, field);
  const to = max === undefined ? 0n : address(slice, text.indexOf(max, min.length + 1), max, field);
  if (max !== undefined && to < from) throw fault(slice, 'the range ends before it starts');
  // An address of all zeros says nothing.
  const range: Partial<Nat> = {};
  if (from !== 0n) range[four === null ? 'ipv6Min' : 'ipv4Min'] = String(fromBits(field, from));
  if (to !== 0n) range[four === null ? 'ipv6Max' : 'ipv4Max'] = String(fromBits(field, to));
  return ports === undefined ? range : { ...range, ...portRange(part(slice, text.length - ports.length)) };
}

function address(slice: Slice, at: number, text: string, field: 'ipv4Src' | 'ipv6Src'): bigint {
  const bits = toBits(field, text);
  if (bits !== undefined) return bits;
  throw fault(slice, `"${shortened(text)}" is not an ${field === 'ipv4Src' ? 'IPv4' : 'IPv6'} address`, at);
}

function portRange(slice: Slice): Partial<Nat> {
  const dash = textOf(slice).indexOf('-');
  const protoMin = numberIn(dash < 0 ? slice : part(slice, 0, dash), 16, 'a port');
  const protoMax = dash < 0 ? 0 : numberIn(part(slice, dash + 1), 16, 'a port');
  if (dash >= 0 && protoMax < protoMin) throw fault(slice, 'the range of ports ends before it starts');
  return { ...(protoMin === 0 ? {} : { protoMin }), ...(protoMax === 0 ? {} : { protoMax }) };
}

export const TRACKING: Actions = {
  print: { ct: formatCt, nat: formatNat },
  parse: {
    ct: parseCt,
    nat: ({ key, value }, { outer }) => {
      if (outer !== 'ct') throw fault(key, 'nat stands inside ct(…) only');
      return [parseNat(value)];
    },
  },
};
