/**
 * NXAST_ENCAP and NXAST_DECAP (nicira-ext.h): a network service header (RFC 8300), an MPLS label or an Ethernet header put
 * around the packet, or the outermost taken off. A packet without Ethernet has a packet_type of its own meanwhile.
 */

import type { Action } from '../../../../proto/openflow/action.ts';
import { putU16, putU32 } from '../../../packet/bytes.ts';
import { MPLS_MULTICAST, MPLS_UNICAST, NSH_TYPE } from '../../frame/extract.ts';
import { countTags } from '../../frame/vlan.ts';
import type { Key } from '../../key/key.ts';
import { FIRST_HEADER_WORD, KEY_WORDS, WORD } from '../../key/layout.ts';
import type { Step } from '../program.ts';
import { commit, fail, freeze, type Translation } from '../translation.ts';

type Encap = Extract<Action, { type: 'encap' }>;

/** OFPHTN_ETHERTYPE in the upper half: what follows is told by an Ethernet type. */
const BY_ETHER_TYPE = 0x1_0000;
const ETHERNET = 0;
const NSH = BY_ETHER_TYPE | NSH_TYPE;

/** NSH's next protocol by the type of the packet in it (RFC 8300, 2.2). */
const NEXT_PROTOCOLS: readonly (readonly [packetType: number, np: number])[] = [
  [BY_ETHER_TYPE | 0x0800, 1],
  [BY_ETHER_TYPE | 0x86dd, 2],
  [ETHERNET, 3],
  [NSH, 4],
];

export function encap(action: Encap): Step | undefined {
  const header = headerOf(action);
  if (header === undefined) return undefined;
  return {
    of: action,
    needsHeaders: true,
    run(translation) {
      commit(translation);
      const bytes = header(translation.key);
      if (bytes === undefined) {
        fail(translation, 'a packet of this type takes no such header');
        return;
      }
      translation.actions.push({ type: 'encap', header: bytes, packetType: translation.key[WORD.packetType]! });
    },
  };
}

/** Makes the key say what the header will, and gives its bytes. */
function headerOf({ newPktType, properties }: Encap): ((key: Key) => Uint8Array | undefined) | undefined {
  switch (newPktType) {
    case ETHERNET:
      return putEthernet;
    case NSH:
      return (key) => putNsh(key, metadataOf(properties));
    case BY_ETHER_TYPE | MPLS_UNICAST:
    case BY_ETHER_TYPE | MPLS_MULTICAST:
      return (key) => putLabel(key, newPktType);
    default:
      return undefined;
  }
}

function putEthernet(key: Key): Uint8Array | undefined {
  const packetType = key[WORD.packetType]!;
  if (packetType === ETHERNET) return undefined;
  key[WORD.packetType] = ETHERNET;
  key.fill(0, WORD.ethDst, WORD.ethType);
  key[WORD.ethType] = packetType & 0xffff;
  const bytes = new Uint8Array(14);
  putU16(bytes, 12, packetType & 0xffff);
  return bytes;
}

/** One label above everything, as if below it were nothing but bytes. */
function putLabel(key: Key, packetType: number): Uint8Array {
  key.fill(0, FIRST_HEADER_WORD, KEY_WORDS);
  key[WORD.packetType] = packetType;
  key[WORD.ethType] = packetType & 0xffff;
  key[WORD.mpls] = 0x0140;
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, 0x0140);
  return bytes;
}

const NSH_CLASS = 4;
const MD_TYPE = 1;
const FIXED_CONTEXT = 1;
const CONTEXT = 16;

/** The kind of metadata and its bytes: four words of zeros, or TLVs. */
function metadataOf(properties: Encap['properties']): { kind: number; bytes: Uint8Array } {
  const own = properties.filter(({ propClass }) => propClass === NSH_CLASS);
  const kind = own.find(({ propType }) => propType === MD_TYPE)?.data[0] ?? FIXED_CONTEXT;
  if (kind === FIXED_CONTEXT) return { kind, bytes: new Uint8Array(CONTEXT) };
  return {
    kind,
    bytes: Buffer.concat(own.filter(({ propType }) => propType !== MD_TYPE).map(({ data }) => tlv(data))),
  };
}

/** Padded to four bytes, whatever the property's padding was. */
function tlv(data: Uint8Array): Uint8Array {
  return data.subarray(0, 4 + Math.ceil((data[3] ?? 0) / 4) * 4);
}

const FIRST_TTL = 63;
const FIRST_PATH = 0x0000_00ff;

function putNsh(key: Key, { kind, bytes }: { kind: number; bytes: Uint8Array }): Uint8Array | undefined {
  const np = NEXT_PROTOCOLS.find(([packetType]) => packetType === key[WORD.packetType])?.[1];
  if (np === undefined) return undefined;
  key.fill(0, FIRST_HEADER_WORD, KEY_WORDS);
  key[WORD.packetType] = NSH;
  key[WORD.ethType] = NSH_TYPE;
  key.set([0, FIRST_TTL, kind, np, FIRST_PATH], WORD.nshHead);
  const header = new Uint8Array(8 + bytes.length);
  putU32(header, 0, ((FIRST_TTL << 22) | ((header.length / 4) << 16) | (kind << 8) | np) >>> 0);
  putU32(header, 4, FIRST_PATH);
  header.set(bytes, 8);
  return header;
}

/** Of NSH and MPLS what is inside is read anew. */
export function decap(action: Extract<Action, { type: 'decap' }>): Step {
  return {
    of: action,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      const packetType = key[WORD.packetType]!;
      if (packetType === ETHERNET) stripEthernet(translation);
      else if (packetType === NSH) stripNsh(translation);
      else if (packetType === (BY_ETHER_TYPE | MPLS_UNICAST) || packetType === (BY_ETHER_TYPE | MPLS_MULTICAST)) {
        const inner = action.newPktType === ANY_TYPE ? ETHERNET : action.newPktType;
        stripToNew(translation, inner);
      } else fail(translation, 'a packet of this type has no header that can be taken off');
    },
  };
}

/** What the header itself says. */
const ANY_TYPE = 0xfffe;

function stripEthernet(translation: Translation): void {
  const { key } = translation;
  if (countTags(key) > 0) {
    fail(translation, 'decap of an Ethernet header with a VLAN tag');
    return;
  }
  commit(translation);
  const packetType = BY_ETHER_TYPE | key[WORD.ethType]!;
  key.fill(0, WORD.ethDst, WORD.ethType);
  key[WORD.packetType] = packetType;
  translation.actions.push({ type: 'decap', packetType });
}

function stripNsh(translation: Translation): void {
  const np = translation.key[WORD.nshHead + 3];
  const inner = NEXT_PROTOCOLS.find((each) => each[1] === np)?.[0];
  if (inner === undefined) fail(translation, `decap of NSH around a protocol ${np}`);
  else stripToNew(translation, inner);
}

function stripToNew(translation: Translation, inner: number): void {
  commit(translation);
  translation.actions.push({ type: 'decap', packetType: inner });
  freeze(translation);
}
