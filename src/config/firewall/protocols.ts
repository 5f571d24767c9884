/** Protocols by name or number (IANA's registry), with the ports or types of ICMP that stand beside them. */

import type { Service } from '../model.ts';

/** Why a text is no service: nothing has this name, or what is wrong and what to write. */
export type NoService = { unknown: string } | WrongService;
interface WrongService {
  wrong: string;
  fix: string;
}

export const PROTOCOLS: ReadonlyMap<string, Pick<Service, 'protocol' | 'family'>> = new Map([
  ['icmp', { protocol: 1, family: 4 }],
  ['igmp', { protocol: 2, family: undefined }],
  ['ipip', { protocol: 4, family: undefined }],
  ['tcp', { protocol: 6, family: undefined }],
  ['udp', { protocol: 17, family: undefined }],
  ['dccp', { protocol: 33, family: undefined }],
  ['ipv6', { protocol: 41, family: undefined }],
  ['gre', { protocol: 47, family: undefined }],
  ['esp', { protocol: 50, family: undefined }],
  ['ah', { protocol: 51, family: undefined }],
  ['icmpv6', { protocol: 58, family: 6 }],
  ['ospf', { protocol: 89, family: undefined }],
  ['pim', { protocol: 103, family: undefined }],
  ['vrrp', { protocol: 112, family: undefined }],
  ['l2tp', { protocol: 115, family: undefined }],
  ['sctp', { protocol: 132, family: undefined }],
  ['udplite', { protocol: 136, family: undefined }],
]);

/** Those whose ports a switch can tell. */
const WITH_PORTS = new Set([6, 17, 132]);

const ICMP_TYPES: ReadonlyMap<string, number> = new Map([
  ['echo-reply', 0],
  ['destination-unreachable', 3],
  ['source-quench', 4],
  ['redirect', 5],
  ['echo-request', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['parameter-problem', 12],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
]);
const ICMPV6_TYPES: ReadonlyMap<string, number> = new Map([
  ['destination-unreachable', 1],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['parameter-problem', 4],
  ['echo-request', 128],
  ['echo-reply', 129],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['redirect', 137],
]);

export function protocol(number: number): Service {
  return { protocol: number, family: undefined, ports: [], types: [] };
}

export function icmp(family: 4 | 6, type: number): Service {
  return { protocol: family === 4 ? 1 : 58, family, ports: [], types: [type] };
}

export function ofPorts(number: number, ports: readonly number[]): Service {
  return { ...protocol(number), ports: ports.map((port) => [port, port]) };
}

/** `tcp`, with `25,110` or `5000-5010`; `icmp`, with `echo-request` or `8`; `protocol` with a number, or that alone. */
export function readProtocol(name: string, what: string | undefined): Service | WrongService | undefined {
  const numbered = name === 'protocol' ? what : /^\d+$/.test(name) ? name : undefined;
  if (numbered !== undefined) {
    const number = numberUpTo(255, numbered);
    if (number !== undefined && (name === 'protocol' || what === undefined)) return protocol(number);
    return { wrong: `\`${numbered}\` is no IP protocol`, fix: 'write a number from 0 to 255' };
  }
  const known = PROTOCOLS.get(name);
  if (known === undefined) return undefined;
  const bare = { ...known, ports: [], types: [] };
  if (what === undefined) return bare;
  if (known.protocol === 1 || known.protocol === 58) return withTypes(name, bare, what);
  if (WITH_PORTS.has(known.protocol)) return withPorts(name, bare, what);
  return { wrong: `\`${name} ${what}\`: ${name} has no ports`, fix: `write \`${name}\`` };
}

function withTypes(name: string, bare: Service, what: string): Service | WrongService {
  const names = bare.family === 4 ? ICMP_TYPES : ICMPV6_TYPES;
  const types: number[] = [];
  for (const word of what.split(',')) {
    const type = names.get(word.replace('neighbor', 'neighbour')) ?? numberUpTo(255, word);
    if (type === undefined) {
      return {
        wrong: `\`${word}\` is no type of ${name}`,
        fix: `write a number from 0 to 255, or one of ${[...names.keys()].join(', ')}`,
      };
    }
    types.push(type);
  }
  return { ...bare, types };
}

function withPorts(name: string, bare: Service, what: string): Service | WrongService {
  const ports: Service['ports'] = [];
  for (const word of what.split(',')) {
    const [first, last, more] = (word.includes('-') ? word : `${word}-${word}`)
      .split('-')
      .map((text) => numberUpTo(65_535, text));
    if (first === undefined || last === undefined || more !== undefined || first > last) {
      return {
        wrong: `\`${name} ${what}\`: \`${word}\` is no port and no range of ports that rises`,
        fix: `write it like \`${name} 8800\`, \`${name} 25,110,143\` or \`${name} 5000-5010\`, up to 65535`,
      };
    }
    ports.push([first, last]);
  }
  return { ...bare, ports };
}

/** In the file's words: `tcp 25,5000-5010`. */
export function serviceText({ protocol: number, ports, types }: Service): string {
  const name = [...PROTOCOLS].find(([, known]) => known.protocol === number)?.[0] ?? `protocol ${number}`;
  const what = [...ports.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)), ...types];
  return what.length === 0 ? name : `${name} ${what.join(',')}`;
}

function numberUpTo(most: number, text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Each protocol once, its ports and types rising and none twice. */
export function merged(services: readonly Service[]): Service[] {
  const byProtocol = new Map<string, Service[]>();
  for (const service of services) {
    const key = `${service.protocol} ${service.family}`;
    byProtocol.set(key, [...(byProtocol.get(key) ?? []), service]);
  }
  return [...byProtocol.values()].map((same) => {
    const { protocol, family } = same[0]!;
    const hasAny = same.some(({ ports, types }) => ports.length + types.length === 0);
    if (hasAny) return { protocol, family, ports: [], types: [] };
    return {
      protocol,
      family,
      ports: joined(same.flatMap(({ ports }) => ports)),
      types: [...new Set(same.flatMap(({ types }) => types))].toSorted((a, b) => a - b),
    };
  });
}

/** Ranges that rise and do not touch. */
function joined(ports: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [first, last] of ports.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before === undefined || first > before[1] + 1) result.push([first, last]);
    else before[1] = Math.max(before[1], last);
  }
  return result;
}
