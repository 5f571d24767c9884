/** Reads a packet in words; whether its ports and names exist is for others to say. */

import { macBytes, macText } from '../../proto/wire/address.ts';
import { SERVICES } from '../config/firewall/services.ts';
import { ipAddress } from '../config/ip-address.ts';
import { hint, shortened } from '../flow/text/fault.ts';
import { TCP_FLAGS, type TcpFlag } from '../packet/tcp.ts';
import {
  type Endpoint,
  KINDS,
  type Kind,
  OPTIONS,
  type Option,
  type PacketWords,
  PacketWordsError,
  type Spot,
} from './packet-words.ts';

/** Kinds whose one address is where they go. */
const ASKING: ReadonlySet<Kind> = new Set(['ping', 'icmp', 'arp', 'nd']);
/** Kinds that have ports. */
const WITH_PORTS: ReadonlySet<Kind> = new Set(['tcp', 'udp', 'sctp']);
const MOST_BYTES = 9000;
/** Longer than any packet needs. */
const LONGEST = 1000;

/** Throws PacketWordsError. */
export function parsePacketWords(text: string): PacketWords {
  if (text.length > LONGEST) throw new PacketWordsError(`the words are longer than ${LONGEST} characters`, LONGEST);
  const spots = spotsOf(text);
  const first = spots.shift();
  if (first?.text !== 'from')
    throw wrong(first ?? { text: '', column: 1 }, 'say first by which port it comes in: `from web1 …`');
  const from = spots.shift();
  if (from === undefined) throw new PacketWordsError('a port is missing behind `from`', text.length + 1);
  const words = emptyWords(text, from);
  while (spots.length > 0) takeWord(words, spots);
  check(words);
  return words;
}

function spotsOf(text: string): Spot[] {
  return Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => ({ text: word, column: index + 1 }));
}

function emptyWords(text: string, from: Spot): PacketWords {
  const nothing = { kind: undefined, source: undefined, target: undefined, etherType: undefined };
  const addresses = { mac: undefined, toMac: undefined, vlan: undefined, pcp: undefined };
  const numbers = { ttl: undefined, tos: undefined, type: undefined, code: undefined, proto: undefined };
  return { text, from, ...nothing, ...addresses, ...numbers, flags: undefined, bytes: undefined };
}

function takeWord(words: PacketWords, spots: Spot[]): void {
  const spot = spots.shift()!;
  const { text } = spot;
  if (Object.hasOwn(OPTIONS, text)) takeOption(words, text as Option, spot, spots.shift());
  else if (Object.hasOwn(KINDS, text)) takeKind(words, text as Kind, spot, spots);
  else {
    throw wrong(spot, strayWord(text));
  }
}

function strayWord(text: string): string {
  const shown = shortened(text);
  if (ipAddress(text.replace(/:\d+$/, '')) !== undefined || text.startsWith('['))
    return `"${shown}" stands behind no word: say \`to ${shown}\`, or what it is: \`tcp ${shown} to …\``;
  const known = [...Object.keys(KINDS), ...Object.keys(OPTIONS)];
  return `"${shown}" is no word of a packet${hint(text, known) || `; there are ${known.join(', ')}`}`;
}

function takeKind(words: PacketWords, kind: Kind, spot: Spot, spots: Spot[]): void {
  if (words.kind !== undefined) throw wrong(spot, `it is ${words.kind.kind} already`);
  words.kind = { ...spot, kind };
  const [next] = spots;
  if (kind === 'eth') {
    words.etherType = numberOf(spots.shift(), spot, 'an EtherType, as 0x88cc', 0x600, 0xffff);
    return;
  }
  if (next === undefined || Object.hasOwn(OPTIONS, next.text) || Object.hasOwn(KINDS, next.text)) return;
  spots.shift();
  const end = endpoint(next);
  const goesOn = spots.some(({ text }) => text === 'to');
  if (goesOn) words.source = end;
  else if (ASKING.has(kind)) words.target = end;
  else
    throw wrong(next, `say where it goes with \`to\`: \`${kind} to ${next.text}\`, or \`${kind} ${next.text} to …\``);
}

function takeOption(words: PacketWords, option: Option, spot: Spot, value: Spot | undefined): void {
  if (value === undefined) throw wrong(spot, `\`${option}\` wants something behind it: ${OPTIONS[option]}`);
  const number = (most: number) => numberOf(value, spot, `a number from 0 to ${most}`, 0, most);
  switch (option) {
    case 'to':
      if (words.target !== undefined) throw wrong(spot, `it goes to ${words.target.text} already`);
      words.target = endpoint(value);
      return;
    case 'mac':
      words.mac = mac(value);
      return;
    case 'to-mac':
      words.toMac = mac(value);
      return;
    case 'vlan':
      words.vlan = value.text === 'none' ? 'none' : numberOf(value, spot, 'a VLAN from 0 to 4095, or `none`', 0, 4095);
      return;
    case 'flags':
      words.flags = tcpFlags(value);
      return;
    case 'pcp':
      words.pcp = number(7);
      return;
    case 'bytes':
      words.bytes = number(MOST_BYTES);
      return;
    default:
      words[option] = number(255);
  }
}

/** What can be said without knowing the network. */
function check({ kind, source, target, text, ...words }: PacketWords): void {
  const is = kind?.kind;
  const column = kind?.column ?? text.length + 1;
  if (is === undefined && target === undefined) {
    throw new PacketWordsError(
      `what comes in there? say so: ${Object.keys(KINDS).join(', ')}`,
      text.trimEnd().length + 1,
    );
  }
  if (target === undefined && is !== 'eth')
    throw new PacketWordsError(`where does it go? say \`to …\``, text.length + 1);
  for (const end of [source, target]) {
    if (end?.port !== undefined && is !== undefined && !WITH_PORTS.has(is))
      throw wrong(end, `${is} has no ports: leave out ":${end.port}", or say tcp or udp`);
  }
  const isSix = (end: Endpoint | undefined) => end?.address?.includes(':');
  if (is === 'arp' && (isSix(source) || isSix(target))) throw new PacketWordsError('ARP is of IPv4: say nd', column);
  if (is === 'nd' && (isSix(source) === false || isSix(target) === false))
    throw new PacketWordsError('neighbour discovery is of IPv6: say arp', column);
  const [one, other] = [isSix(source), isSix(target)];
  if (one !== undefined && other !== undefined && one !== other)
    throw wrong(target!, 'one address is of IPv4 and the other of IPv6');
  const only = (option: Option, given: unknown, kinds: readonly Kind[]) => {
    if (given !== undefined && (is === undefined || !kinds.includes(is)))
      throw new PacketWordsError(
        `\`${option}\` is of ${kinds.join(' and ')}${is === undefined ? '' : `, not of ${is}`}`,
        column,
      );
  };
  only('flags', words.flags, ['tcp']);
  only('type', words.type, ['icmp']);
  only('code', words.code, ['icmp']);
  only('proto', words.proto, ['ip']);
}

function endpoint(spot: Spot): Endpoint {
  const { text } = spot;
  const bracketed = /^\[([^\]]*)\](?::(.+))?$/.exec(text);
  const bare = bracketed === null ? ipAddress(text) : undefined;
  if (bare !== undefined) return { ...spot, address: bare, name: undefined, port: undefined };
  const [, host = '', port] = bracketed ?? /^([^:]+(?::[^:]+)??)(?::([^:]+))?$/.exec(text) ?? [];
  const address = ipAddress(host);
  if (bracketed !== null && address === undefined) throw wrong(spot, `"${shortened(host)}" is no IPv6 address`);
  if (host === '') throw wrong(spot, `"${shortened(text)}" is no address: write 10.0.0.2:80 or [2001:db8::2]:80`);
  if (address === undefined && /^[\d.]+$/.test(host))
    throw wrong(spot, `"${shortened(host)}" is no IPv4 address: it has four numbers from 0 to 255`);
  const number = port === undefined ? undefined : portOf(spot, text.length - port.length, port);
  return { ...spot, address, name: address === undefined ? host : undefined, port: number };
}

function portOf({ column }: Spot, offset: number, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff) return Number(text);
  const port = SERVICES.get(text)?.[0]?.ports[0]?.[0];
  if (port !== undefined) return port;
  const names = [...SERVICES].filter(([, [service]]) => (service?.ports.length ?? 0) > 0).map(([name]) => name);
  throw new PacketWordsError(
    `"${shortened(text)}" is no port: a number from 0 to 65535, or a service's name${hint(text, names)}`,
    column + offset,
  );
}

function mac(spot: Spot): string {
  const bytes = macBytes(spot.text.toLowerCase());
  if (bytes === undefined) throw wrong(spot, `"${shortened(spot.text)}" is no MAC address: write 02:00:00:00:00:01`);
  return macText(bytes);
}

function tcpFlags(spot: Spot): TcpFlag[] {
  if (spot.text === 'none') return [];
  let offset = 0;
  return spot.text.split(',').map((word) => {
    const column = spot.column + offset;
    offset += word.length + 1;
    if (!(TCP_FLAGS as readonly string[]).includes(word))
      throw new PacketWordsError(`"${shortened(word)}" is no flag of TCP${hint(word, TCP_FLAGS)}`, column);
    return word as TcpFlag;
  });
}

function numberOf(value: Spot | undefined, behind: Spot, what: string, least: number, most: number): number {
  if (value === undefined) throw wrong(behind, `\`${behind.text}\` wants ${what}`);
  const number = /^(0x[0-9a-f]{1,8}|\d{1,9})$/i.test(value.text) ? Number(value.text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw wrong(value, `\`${behind.text}\` wants ${what}: not "${shortened(value.text)}"`);
  return number;
}

function wrong({ column }: Spot, problem: string): PacketWordsError {
  return new PacketWordsError(problem, column);
}
