/**
 * The hashes of a packet by which `multipath` and `bundle` choose (nicira-ext.h, NX_HASH_FIELDS_*), as Open vSwitch makes
 * them on a machine of little-endian words: lookup3 of Bob Jenkins, and MurmurHash3 of Austin Appleby.
 */

import type { Key } from '../key/key.ts';
import { MOST_VLAN_TAGS, WORD } from '../key/layout.ts';

export type HashFields =
  | 'ethSrc'
  | 'symmetricL4'
  | 'symmetricL3l4'
  | 'symmetricL3l4Udp'
  | 'nwSrc'
  | 'nwDst'
  | 'symmetricL3';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
const UDP = 17;
const SCTP = 132;

export function hashPacket(key: Key, fields: HashFields | number, basis: number): number {
  switch (fields) {
    case 'ethSrc':
      return lookup3(macBytes(key, WORD.ethSrc), basis);
    case 'symmetricL4':
      return symmetricL4(key, basis);
    case 'symmetricL3l4':
      return symmetricL3(key, basis, [TCP, SCTP]);
    case 'symmetricL3l4Udp':
      return symmetricL3(key, basis, [TCP, SCTP, UDP]);
    case 'symmetricL3':
      return symmetricAddresses(key, basis);
    case 'nwSrc':
      return address(key, WORD.nwSrc, WORD.ipv6Src, basis);
    case 'nwDst':
      return address(key, WORD.nwDst, WORD.ipv6Dst, basis);
    default:
      return basis;
  }
}

function address(key: Key, ipv4: number, ipv6: number, basis: number): number {
  if (key[WORD.ethType] === IPV4) return lookup3(bytesOf(key[ipv4]!), basis);
  if (key[WORD.ethType] === IPV6)
    return lookup3(
      [0, 1, 2, 3].flatMap((word) => bytesOf(key[ipv6 + word]!)),
      basis,
    );
  return basis;
}

const bytesOf = (word: number) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
const halfOf = (value: number) => [(value >>> 8) & 0xff, value & 0xff];
const macBytes = (key: Key, word: number) => [...halfOf(key[word]!), ...bytesOf(key[word + 1]!)];

/** VLAN ids of all tags together. */
function vlanIds(key: Key): number {
  let ids = 0;
  for (let tag = 0; tag < MOST_VLAN_TAGS; tag++) ids ^= key[WORD.vlans + tag]! & 0x0fff;
  return ids;
}

function bothMacs(key: Key): number[] {
  return [
    ...halfOf(key[WORD.ethSrc]! ^ key[WORD.ethDst]!),
    ...bytesOf((key[WORD.ethSrc + 1]! ^ key[WORD.ethDst + 1]!) >>> 0),
  ];
}

/** Both IP addresses together, four words; of other packets zeros. */
function bothAddresses(key: Key): number[] {
  const words = [0, 0, 0, 0];
  const type = key[WORD.ethType];
  if (type === IPV4) words[0] = (key[WORD.nwSrc]! ^ key[WORD.nwDst]!) >>> 0;
  if (type === IPV6) for (let i = 0; i < 4; i++) words[i] = (key[WORD.ipv6Src + i]! ^ key[WORD.ipv6Dst + i]!) >>> 0;
  return words.flatMap(bytesOf);
}

/** Addresses of both ends together, protocol, and ports but UDP's, which differ on the way back. */
function symmetricL4(key: Key, basis: number): number {
  const type = key[WORD.ethType]!;
  const protocol = type === IPV4 || type === IPV6 ? key[WORD.nwProto]! : 0;
  const ports = protocol === TCP || protocol === SCTP ? key[WORD.tpSrc]! ^ key[WORD.tpDst]! : 0;
  const bytes = [...bothAddresses(key), ...halfOf(type), ...halfOf(vlanIds(key)), ...halfOf(ports)];
  return lookup3([...bytes, ...bothMacs(key), protocol, 0, 0, 0], basis);
}

function symmetricAddresses(key: Key, basis: number): number {
  return lookup3([...bothAddresses(key), ...halfOf(key[WORD.ethType]!), 0, 0], basis);
}

/** `withPorts`: of these protocols the ports count. */
function symmetricL3(key: Key, basis: number, withPorts: readonly number[]): number {
  let hash = basis;
  if (key[WORD.ethType] === IPV4) hash = add(hash, swapped(key[WORD.nwSrc]! ^ key[WORD.nwDst]!));
  else if (key[WORD.ethType] === IPV6) {
    for (let i = 0; i < 4; i++) hash = add(hash, swapped(key[WORD.ipv6Src + i]! ^ key[WORD.ipv6Dst + i]!));
  } else return symmetricL2(key, basis);
  const protocol = key[WORD.nwProto]!;
  hash = add(hash, protocol);
  const isFragment = key[WORD.nwFrag] !== 0;
  if (withPorts.includes(protocol) && !isFragment)
    hash = add(hash, swapped(key[WORD.tpSrc]! ^ key[WORD.tpDst]!) >>> 16);
  return finish(hash ^ basis);
}

function symmetricL2(key: Key, basis: number): number {
  const words = littleEndian([...halfOf(key[WORD.ethType]!), ...halfOf(vlanIds(key)), ...bothMacs(key), 0, 0]);
  return finish(words.reduce(add, basis) ^ basis);
}

const swapped = (word: number) =>
  ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0;

function littleEndian(bytes: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, word) =>
    [3, 2, 1, 0].reduce((value, i) => (value << 8) | (bytes[4 * word + i] ?? 0), 0),
  );
}

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/** lookup3's hashlittle, public domain, of bytes padded with zeros. */
function lookup3(bytes: readonly number[], basis: number): number {
  const words = littleEndian(bytes);
  let a = (0xdeadbeef + bytes.length + basis) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; bytes.length - 4 * at >= 12; at += 3) {
    a = (a + words[at]!) | 0;
    b = (b + words[at + 1]!) | 0;
    c = (c + words[at + 2]!) | 0;
    for (const bits of [4, 6, 8, 16, 19, 4]) {
      a = ((a - c) ^ rotate(c, bits)) | 0;
      c = (c + b) | 0;
      [a, b, c] = [b, c, a];
    }
  }
  if (4 * at >= bytes.length) return c >>> 0;
  a = (a + (words[at] ?? 0)) | 0;
  b = (b + (words[at + 1] ?? 0)) | 0;
  c = (c + (words[at + 2] ?? 0)) | 0;
  for (const bits of [14, 11, 25, 16, 4, 14, 24]) {
    c = ((c ^ b) - rotate(b, bits)) | 0;
    [a, b, c] = [b, c, a];
  }
  // Seven turns have moved the three by one place.
  return b >>> 0;
}

/** One word into MurmurHash3 (32 bits). */
function add(hash: number, word: number): number {
  const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Of two words (hash_2words). */
export function hashWords(one: number, other: number): number {
  return finish(add(add(one, 0), other) ^ 8);
}
