/**
 * Whether a match as it lies in a message is sound to Open vSwitch (OpenFlow 1.4, 7.2.2; nx_pull_raw): its first fault.
 */

import { fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { fulfils, type Prerequisite } from '../../../../proto/openflow/prerequisites.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import { emptyKey, type Key, readRun, writeRun } from '../../key/key.ts';
import type { Place } from '../../key/layout.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import type { Refusal } from '../../switch-state.ts';
import { checkOxm, createOxmPlace, locateOxm, type OxmPlace } from './oxm.ts';
import { BAD_MATCH } from './refusals.ts';

const OXM_MATCH = 1;
const STANDARD_MATCH = 0;
const ETHERNET_CLASS = 1;

/** What a match says of those fields on which others depend: numbers, or a value and its mask. */
export type MatchView = Record<string, unknown>;

export interface MatchCheck {
  /** The ofp_match at `at`; `end`: of what it must lie in. undefined: it is sound. */
  check(bytes: Uint8Array, at: number, end: number): Refusal | undefined;
  /** Bare TLVs from `at` to `end` (nx_match). */
  checkFields(bytes: Uint8Array, at: number, end: number): Refusal | undefined;
  /** Behind the match that was checked last, with its padding. */
  readonly end: number;
  /** Of the match that was checked last; the next check makes a new one. */
  readonly view: MatchView;
  /** It names fields that are Open vSwitch's own: no flow with them may be added. */
  readonly isHidden: boolean;
  /**
   * Some field has another header than the usual, or a mask that it cannot have: it is to be rewritten before it is
   * decoded.
   */
  readonly isUnusual: boolean;
}

export function createMatchCheck(fields: TlvTable): MatchCheck {
  const place = createOxmPlace();
  const seen = emptyKey();
  let end = 0;
  let view: MatchView = {};
  let hidden = false;
  let unusual = false;

  function checkFields(bytes: Uint8Array, from: number, to: number): Refusal | undefined {
    seen.fill(0);
    view = {};
    hidden = false;
    unusual = false;
    for (let at = from; at < to; at = place.end) {
      const refusal = locateOxm(place, bytes, at, to) ?? checkOxm(place, bytes, to, fields);
      if (refusal !== undefined) return refusal;
      const name = place.name!;
      const { prerequisite } = fieldRow(name);
      if (prerequisite !== undefined && !holds(view, prerequisite)) return BAD_MATCH.badPrereq;
      if (isOther(view) && ETHERNET_FIELDS.has(name)) return BAD_MATCH.badPrereq;
      // ECN is no part of nw_tos.
      const lies = fields.placeOf(name === 'nxmIpTos' ? 'ipDscp' : name)!;
      if (!isWild(seen, lies)) return BAD_MATCH.dupField;
      if (name === 'ethType' && view.packetType !== undefined) return BAD_MATCH.dupField;
      if (name === 'packetType' && view.ethType !== undefined) return BAD_MATCH.dupField;
      mark(seen, lies, bytes, place);
      look(view, bytes, place);
      if (isUnusual(bytes, at, place)) unusual = true;
      if (name === 'recircId' || name === 'dpHash') hidden = true;
    }
    return undefined;
  }

  return {
    get end() {
      return end;
    },
    get view() {
      return view;
    },
    get isHidden() {
      return hidden;
    },
    get isUnusual() {
      return unusual;
    },
    checkFields,
    check(bytes, at, to) {
      view = {};
      hidden = false;
      unusual = false;
      if (to - at < 4) return BAD_MATCH.badLen;
      const type = u16(bytes, at);
      const length = u16(bytes, at + 2);
      if (type === STANDARD_MATCH) return BAD_MATCH.badLen;
      if (type !== OXM_MATCH) return BAD_MATCH.badType;
      end = at + ((length + 7) & ~7);
      if (length < 4 || end > to) return BAD_MATCH.badLen;
      return checkFields(bytes, at + 4, at + length);
    },
  };
}

const ETHERNET_FIELDS: ReadonlySet<string> = new Set(['ethSrc', 'ethDst', 'vlanVid', 'vlanPcp', 'vlanTci']);

/** The packets have no Ethernet header. */
function isOther(view: MatchView): boolean {
  return typeof view.packetType === 'number' && view.packetType !== 0;
}

function isUnusual(bytes: Uint8Array, at: number, { name, masked }: OxmPlace): boolean {
  const { header, maskable } = fieldRow(name!);
  return header.oxmClass !== u16(bytes, at) || (masked && !maskable);
}

function isWild(seen: Key, { last, shift, bits }: Place): boolean {
  for (let done = 0; done < bits; done += 32) {
    if (readRun(seen, last, shift + done, Math.min(32, bits - done)) !== 0) return false;
  }
  return true;
}

function mark(seen: Key, { last, shift, bits }: Place, bytes: Uint8Array, { masked, width, valueAt }: OxmPlace): void {
  if (masked) {
    let some = 0;
    for (let i = 0; i < width; i++) some |= bytes[valueAt + width + i]!;
    if (some === 0) return;
  }
  for (let done = 0; done < bits; done += 32) {
    writeRun(seen, last, shift + done, Math.min(32, bits - done), 0xffff_ffff);
  }
}

const DISCOVERY: readonly Prerequisite[] = ['nd', 'ndSolicit', 'ndAdvert'];
const WITH_PORTS: readonly Prerequisite[] = ['tcp', 'udp', 'sctp'];

/** Neighbour discovery has code 0; a later fragment has no ports. */
export function holds(view: MatchView, prerequisite: Prerequisite): boolean {
  if (view.isLater === true && WITH_PORTS.includes(prerequisite)) return false;
  if (DISCOVERY.includes(prerequisite) && (view.icmpv6Code ?? 0) !== 0) return false;
  return fulfils(view, prerequisite);
}

const LATER_FRAGMENT = 2;

/** What later fields may depend on. */
function look(view: MatchView, bytes: Uint8Array, { name, masked, width, valueAt }: OxmPlace): void {
  switch (name) {
    case 'ethType':
    case 'ipProto':
    case 'icmpv6Type':
    case 'icmpv6Code':
    case 'ctNwProto':
      if (!masked || bytes[valueAt + width] !== 0) {
        view[name] = width === 1 ? bytes[valueAt]! : u16(bytes, valueAt);
      }
      break;
    case 'packetType': {
      const type = u32(bytes, valueAt);
      view.packetType = type;
      if (type >>> 16 === ETHERNET_CLASS) view.ethType = type & 0xffff;
      break;
    }
    case 'vlanVid':
    case 'vlanTci': {
      const value = u16(bytes, valueAt);
      view.vlanVid = { value: value & 0x1fff, mask: (masked ? u16(bytes, valueAt + 2) : 0xffff) & 0x1fff };
      break;
    }
    case 'ipFrag':
      view.isLater = (bytes[valueAt]! & (masked ? bytes[valueAt + width]! : 0xff) & LATER_FRAGMENT) !== 0;
      break;
    case 'ctState':
      view.ctState = { value: u32(bytes, valueAt), mask: masked ? u32(bytes, valueAt + 4) : 0xffff_ffff };
      break;
  }
}
