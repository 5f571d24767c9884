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
  return { protocol: number, family: undefined, ports: [], sourcePorts: [], types: [] };
}

export function icmp(family: 4 | 6, type: number): Service {
  return { ...protocol(family === 4 ? 1 : 58), family, types: [type] };
}

export function ofPorts(number: number, ports: readonly number[]): Service {
  return { ...protocol(number), ports: ports.map((port) => [port, port]) };
}

/** `tcp`, with `25,110` or `5000-5010`; `icmp`, with `echo-request` or `8`; `protocol` with a number. */
export function readProtocol(name: string, what: string | undefined): Service | WrongService | undefined {
  if (/^\d+(-\d+)?$/.test(name)) {
    const most = numberUpTo(255, name) === undefined ? '' : `, or \`protocol ${name}\``;
    return { wrong: `\`${name}\` names no protocol`, fix: `write \`tcp ${name}\` or \`udp ${name}\`${most}` };
  }
  if (name === 'protocol' && what !== undefined) {
    const number = numberUpTo(255, what);
    if (number !== undefined) return protocol(number);
    return { wrong: `\`${what}\` is no IP protocol`, fix: 'write a number from 0 to 255' };
  }
  const known = PROTOCOLS.get(name);
  if (known === undefined) return undefined;
  const bare = { ...protocol(known.protocol), family: known.family };
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
  const ports = readPorts(name, what);
  return 'wrong' in ports ? ports : { ...bare, ports };
}

/** `tcp 80` and `1024-65535` → also only from these ports. */
export function fromPorts(service: Service, what: string): Service | WrongService {
  const { protocol: number } = service;
  const name = protocolName(number);
  if (!WITH_PORTS.has(number)) {
    return { wrong: `\`source ${what}\`: ${name} has no ports`, fix: 'write it of tcp, udp or sctp' };
  }
  const sourcePorts = readPorts(`${name} source`, what);
  return 'wrong' in sourcePorts ? sourcePorts : { ...service, sourcePorts };
}

function readPorts(name: string, what: string): Service['ports'] | WrongService {
  const ports: Service['ports'] = [];
  for (const word of what.split(',')) {
    const [first, last, more] = (word.includes('-') ? word : `${word}-${word}`)
      .split('-')
      .map((text) => numberUpTo(65_535, text));
    if (first === undefined || last === undefined || more !== undefined || first > last) {
      const turned = more === undefined && first !== undefined && last !== undefined ? `${last}-${first}` : undefined;
      return {
        wrong: `\`${name} ${what}\`: \`${word}\` is no port and no range of ports that rises`,
        fix:
          turned === undefined
            ? `write it like \`${name} 8800\`, \`${name} 25,110,143\` or \`${name} 5000-5010\`, up to 65535`
            : `write ${turned}`,
      };
    }
    ports.push([first, last]);
  }
  return ports;
}

function protocolName(number: number): string {
  return [...PROTOCOLS].find(([, known]) => known.protocol === number)?.[0] ?? `protocol ${number}`;
}

/** In the file's words: `tcp 25,5000-5010 source 1024-65535`. */
export function serviceText({ protocol: number, ports, sourcePorts, types }: Service): string {
  const what = [...ports.map(portsText), ...types].join(',');
  const from = sourcePorts.map(portsText).join(',');
  return [protocolName(number), ...(what === '' ? [] : [what]), ...(from === '' ? [] : [`source ${from}`])].join(' ');
}

function portsText([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function numberUpTo(most: number, text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Each protocol once, or once for each ports that it comes from; its ports and types rising and none twice. */
export function merged(services: readonly Service[]): Service[] {
  const byKey = Map.groupBy(
    services.map((service) => ({ ...service, sourcePorts: joined(service.sourcePorts) })),
    ({ protocol, family, sourcePorts }) => `${protocol} ${family} ${sourcePorts.join()}`,
  );
  return Array.from(byKey.values(), (same) => {
    const hasAny = same.some(({ ports, types }) => ports.length + types.length === 0);
    return {
      ...same[0]!,
      ports: hasAny ? [] : joined(same.flatMap(({ ports }) => ports)),
      types: hasAny ? [] : [...new Set(same.flatMap(({ types }) => types))].toSorted((a, b) => a - b),
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
