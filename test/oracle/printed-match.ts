// A match as Open vSwitch prints it, read back into numbers by field: value and mask, under the names it prints.

/** `0x2a`, or `0x2a/0xff` where only some bits matter. */
export type Facts = Map<string, string>;

/** Bits of a field's value and of its mask, put together from all that says something about it. */
export interface Bits {
  value: bigint;
  /** undefined: every bit. */
  mask: bigint | undefined;
}

export function fact({ value, mask }: Bits): string {
  return mask === undefined ? `0x${value.toString(16)}` : `0x${value.toString(16)}/0x${mask.toString(16)}`;
}

/** Words that stand for a type of frame and a protocol. */
const WORDS: Readonly<Record<string, readonly [dlType: bigint, nwProto?: bigint]>> = {
  ip: [0x800n],
  icmp: [0x800n, 1n],
  igmp: [0x800n, 2n],
  tcp: [0x800n, 6n],
  udp: [0x800n, 17n],
  sctp: [0x800n, 132n],
  ipv6: [0x86ddn],
  icmp6: [0x86ddn, 58n],
  tcp6: [0x86ddn, 6n],
  udp6: [0x86ddn, 17n],
  sctp6: [0x86ddn, 132n],
  arp: [0x806n],
  rarp: [0x8035n],
  mpls: [0x8847n],
  mplsm: [0x8848n],
};

const PORTS: Readonly<Record<string, bigint>> = {
  in_port: 0xfffffff8n,
  table: 0xfffffff9n,
  normal: 0xfffffffan,
  flood: 0xfffffffbn,
  all: 0xfffffffcn,
  controller: 0xfffffffdn,
  local: 0xfffffffen,
  any: 0xffffffffn,
  none: 0xffffffffn,
};

const FRAGMENTS: Readonly<Record<string, Bits>> = {
  no: { value: 0n, mask: undefined },
  first: { value: 1n, mask: undefined },
  later: { value: 3n, mask: undefined },
  yes: { value: 1n, mask: 1n },
  not_later: { value: 0n, mask: 2n },
};

const CT_STATE = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'];
const TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'];
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ct_state: CT_STATE,
  tcp_flags: TCP_FLAGS,
  tun_flags: ['oam'],
};

/** `+est-new` with its mask, or `est|trk` where all bits are given. */
function flagBits(text: string, names: readonly string[]): Bits {
  const bit = (name: string) => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`no flag is called ${name}`);
    return 1n << BigInt(index);
  };
  if (text === '0') return { value: 0n, mask: undefined };
  if (!/^[+-]/.test(text))
    return { value: text.split('|').reduce((sum, name) => sum | bit(name), 0n), mask: undefined };
  let value = 0n;
  let mask = 0n;
  for (const [, sign, name] of text.matchAll(/([+-])([^+-]+)/g)) {
    mask |= bit(name!);
    if (sign === '+') value |= bit(name!);
  }
  return { value, mask: mask === (1n << BigInt(names.length)) - 1n ? undefined : mask };
}

function groups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((part) => BigInt(`0x${part}`));
}

/** A number, a port's name, a MAC, an IPv4 or an IPv6 address. */
export function numberOf(text: string): { number: bigint; bits: number } {
  if (/^(0x[0-9a-f]+|\d+)$/.test(text)) return { number: BigInt(text), bits: 64 };
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text)) return { number: BigInt(`0x${text.replaceAll(':', '')}`), bits: 48 };
  if (/^\d+(\.\d+){3}$/.test(text)) {
    return { number: text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n), bits: 32 };
  }
  const port = PORTS[text.toLowerCase()];
  if (port !== undefined) return { number: port, bits: 32 };
  const quad = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (quad !== null) {
    const last = numberOf(quad[2]!).number;
    return numberOf(`${quad[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`);
  }
  if (!/^[0-9a-f:]+$/.test(text) || !text.includes(':')) throw new Error(`"${text}" is no number and no address`);
  const [left, right] = text.split('::').map(groups) as [bigint[], bigint[]?];
  const zeros = right === undefined ? [] : Array<bigint>(8 - left.length - right.length).fill(0n);
  return { number: [...left, ...zeros, ...(right ?? [])].reduce((sum, part) => (sum << 16n) | part, 0n), bits: 128 };
}

function bitsOf(text: string): Bits {
  const slash = text.indexOf('/');
  if (slash < 0) return { value: numberOf(text).number, mask: undefined };
  const { number, bits } = numberOf(text.slice(0, slash));
  const mask = text.slice(slash + 1);
  if (bits < 48 || bits === 128) {
    // A prefix's length, where it is no address.
    if (/^\d+$/.test(mask)) return { value: number, mask: ((1n << BigInt(mask)) - 1n) << BigInt(bits - Number(mask)) };
  }
  return { value: number, mask: numberOf(mask).number };
}

/** At commas outside parentheses. */
export function parts(text: string): string[] {
  const found: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return found.filter((part) => part !== '');
}

export function readMatch(text: string): Facts {
  const facts: Facts = new Map();
  const tag: Bits = { value: 0n, mask: undefined };
  const tagged = (value: bigint, mask: bigint) => {
    tag.value |= value;
    tag.mask = (tag.mask ?? 0n) | mask;
  };
  for (const part of parts(text)) {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    const value = part.slice(at + 1);
    const word = at < 0 ? WORDS[name] : undefined;
    // An Ethernet frame, which all are.
    if (part === 'eth') continue;
    if (word !== undefined) {
      facts.set('dl_type', fact({ value: word[0], mask: undefined }));
      if (word[1] !== undefined) facts.set('nw_proto', fact({ value: word[1], mask: undefined }));
    } else if (name === 'dl_vlan') tagged(BigInt(value) | 0x1000n, 0x1fffn);
    else if (name === 'dl_vlan_pcp') tagged((BigInt(value) << 13n) | 0x1000n, 0xf000n);
    else if (name === 'vlan_tci') {
      const bits = bitsOf(value);
      tagged(bits.value, bits.mask ?? 0xffffn);
    } else if (name === 'nw_frag') facts.set(name, fact(FRAGMENTS[value]!));
    else if (name in FLAGS) facts.set(name, fact(flagBits(value, FLAGS[name]!)));
    else facts.set(name, fact(bitsOf(value)));
  }
  if (tag.mask !== undefined)
    facts.set('vlan_tci', fact({ ...tag, mask: tag.mask === 0xffffn ? undefined : tag.mask }));
  return facts;
}
