/** OpenFlow 1.0's and 1.1's set actions, which Open vSwitch takes still (OpenFlow 1.1, 5.8): each sets what the packet has of it. */

import type { Action } from '../../../../proto/openflow/action.ts';
import { ipv4Number, macBytes } from '../../../../proto/wire/address.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import type { Key } from '../../key/key.ts';
import { HAS_TAG, WORD } from '../../key/layout.ts';
import type { Step } from '../program.ts';
import { setWhere } from './fields.ts';
import { packetHas } from './prerequisite.ts';

const IP_WITH_PORTS = [6, 17, 132];

type Change = (key: Key) => boolean;
type OldSet = Extract<
  Action,
  {
    type:
      | `setVlan${'Vid' | 'Pcp'}`
      | `setDl${'Src' | 'Dst'}`
      | `setNw${'Src' | 'Dst' | 'Tos' | 'Ecn' | 'Ttl'}`
      | `setTp${'Src' | 'Dst'}`
      | `setMpls${'Label' | 'Tc'}`;
  }
>;

/** What the word becomes, where the packet has it. */
function change(has: Change | undefined, word: number, to: (old: number) => number): Change {
  return (key) => {
    if (has?.(key) === false) return false;
    key[word] = to(key[word]!);
    return true;
  };
}

const constant = (has: Change | undefined, word: number, value: number) => change(has, word, () => value);
const bits = (has: Change | undefined, word: number, mask: number, value: number) =>
  change(has, word, (old) => ((old & ~mask) | (value & mask)) >>> 0);

function mac(word: number, address: string): Change {
  const bytes = macBytes(address) ?? new Uint8Array(6);
  return (key) => {
    key[word] = u16(bytes, 0);
    key[word + 1] = u32(bytes, 2);
    return true;
  };
}

const hasIp = packetHas('ip');
const hasMpls = packetHas('mpls');
const LATER_FRAGMENT = 2;
const hasPorts: Change = (key) =>
  hasIp?.(key) === true && IP_WITH_PORTS.includes(key[WORD.nwProto]!) && (key[WORD.nwFrag]! & LATER_FRAGMENT) === 0;
/** A tag is put on where there is none. */
const tag = (old: number) => (old | HAS_TAG | (old >>> 16 === 0 ? 0x8100_0000 : 0)) >>> 0;

const CHANGES: { [T in OldSet['type']]: (action: Extract<OldSet, { type: T }>) => Change } = {
  setVlanVid: ({ vlanVid }) =>
    change(undefined, WORD.vlans, (old) => ((tag(old) & ~0x0fff) | (vlanVid & 0x0fff)) >>> 0),
  setVlanPcp: ({ vlanPcp }) =>
    change(undefined, WORD.vlans, (old) => ((tag(old) & ~0xe000) | ((vlanPcp & 7) << 13)) >>> 0),
  setDlSrc: ({ dlAddr }) => mac(WORD.ethSrc, dlAddr),
  setDlDst: ({ dlAddr }) => mac(WORD.ethDst, dlAddr),
  setNwSrc: ({ nwAddr }) => constant(packetHas('ipv4'), WORD.nwSrc, ipv4Number(nwAddr) ?? 0),
  setNwDst: ({ nwAddr }) => constant(packetHas('ipv4'), WORD.nwDst, ipv4Number(nwAddr) ?? 0),
  setNwTos: ({ nwTos }) => bits(hasIp, WORD.nwTos, 0xfc, nwTos),
  setNwEcn: ({ nwEcn }) => bits(hasIp, WORD.nwTos, 0x03, nwEcn),
  setNwTtl: ({ nwTtl }) => constant(hasIp, WORD.nwTtl, nwTtl),
  setTpSrc: ({ tpPort }) => constant(hasPorts, WORD.tpSrc, tpPort),
  setTpDst: ({ tpPort }) => constant(hasPorts, WORD.tpDst, tpPort),
  setMplsLabel: ({ mplsLabel }) => bits(hasMpls, WORD.mpls, 0xffff_f000, mplsLabel << 12),
  setMplsTc: ({ mplsTc }) => bits(hasMpls, WORD.mpls, 0x0e00, mplsTc << 9),
};

export function isOldSet(action: Action): action is OldSet {
  return Object.hasOwn(CHANGES, action.type);
}

export function setAsBefore(action: OldSet): Step {
  return setWhere(action, (CHANGES[action.type] as (action: OldSet) => Change)(action));
}
