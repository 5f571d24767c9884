/** Actions on VLAN tags, MPLS labels and times to live (OpenFlow 1.4, 7.2.4), as Open vSwitch does them. */

import type { Action } from '../../../../proto/openflow/action.ts';
import { isMplsType } from '../../frame/extract.ts';
import { countLabels } from '../../frame/mpls.ts';
import type { Key } from '../../key/key.ts';
import { HAS_TAG, KEY_WORDS, MOST_MPLS_LABELS, MOST_VLAN_TAGS, WORD } from '../../key/layout.ts';
import type { Step } from '../program.ts';
import { commit, fail, type Translation } from '../translation.ts';
import { sendToController } from './controller.ts';

const BOTTOM = 0x100;

/** The new tag has VLAN 0 and priority 0, whatever the old one has. */
export function pushVlan(of: Action, ethertype: number): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      key.copyWithin(WORD.vlans + 1, WORD.vlans, WORD.vlans + MOST_VLAN_TAGS - 1);
      key[WORD.vlans] = ((ethertype << 16) | HAS_TAG) >>> 0;
      translation.dirty = true;
    },
  };
}

export function popVlan(of: Action): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      key.copyWithin(WORD.vlans, WORD.vlans + 1, WORD.vlans + MOST_VLAN_TAGS);
      key[WORD.vlans + MOST_VLAN_TAGS - 1] = 0;
      translation.dirty = true;
    },
  };
}

/** What lies below is hidden from then on: what was changed there is written first. */
export function pushMpls(of: Action, ethertype: number): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      const labels = countLabels(key);
      if (labels >= MOST_MPLS_LABELS) {
        fail(translation, `an MPLS label more than the ${MOST_MPLS_LABELS} that this switch handles`);
        return;
      }
      if (labels > 0) {
        key.copyWithin(WORD.mpls + 1, WORD.mpls, WORD.mpls + MOST_MPLS_LABELS - 1);
        key[WORD.mpls] = key[WORD.mpls + 1]! & ~BOTTOM;
      } else {
        commit(translation);
        key[WORD.mpls] = firstLabel(key);
        key.fill(0, WORD.nwSrc, KEY_WORDS);
        key[WORD.dpHash] = 0;
      }
      key[WORD.ethType] = ethertype;
      translation.dirty = true;
    },
  };
}

/** Explicit null of IPv4 or IPv6 (RFC 3032), with IP's time to live and class. */
function firstLabel(key: Key): number {
  const type = key[WORD.ethType];
  const isIp = type === 0x0800 || type === 0x86dd;
  const label = type === 0x86dd ? 2 : 0;
  const trafficClass = isIp ? (key[WORD.nwTos]! >>> 2) & 0x07 : 0;
  const ttl = (isIp && key[WORD.nwTtl]) || 64;
  return ((label << 12) | (trafficClass << 9) | BOTTOM | ttl) >>> 0;
}

export function popMpls(of: Action, ethertype: number): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      const labels = countLabels(key);
      if (labels === 0) return;
      if (labels === MOST_MPLS_LABELS && (key[WORD.mpls + labels - 1]! & BOTTOM) === 0) {
        fail(translation, `a stack of more MPLS labels than the ${MOST_MPLS_LABELS} that this switch handles`);
        return;
      }
      key.copyWithin(WORD.mpls, WORD.mpls + 1, WORD.mpls + MOST_MPLS_LABELS);
      key[WORD.mpls + MOST_MPLS_LABELS - 1] = 0;
      key[WORD.ethType] = ethertype;
      translation.dirty = true;
      if (!isMplsType(ethertype)) translation.wasMpls = true;
    },
  };
}

/** Where none is left the controllers with these ids get the packet, and the rest of the list is not done. */
export function decNwTtl(of: Action, controllerIds: readonly number[]): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      if (key[WORD.ethType] !== 0x0800 && key[WORD.ethType] !== 0x86dd) return false;
      if (key[WORD.nwTtl]! > 1) {
        key[WORD.nwTtl]!--;
        translation.dirty = true;
        return false;
      }
      return expired(translation, controllerIds);
    },
  };
}

function expired(translation: Translation, controllerIds: readonly number[]): true {
  translation.watcher?.note('the time to live has run out');
  for (const controllerId of controllerIds) {
    sendToController(translation, { reason: 'invalidTtl', maxLen: 0xffff, controllerId });
  }
  return true;
}

export function decMplsTtl(of: Action): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      if (!isMplsType(key[WORD.ethType]!)) return false;
      const ttl = key[WORD.mpls]! & 0xff;
      if (ttl <= 1) return expired(translation, [0]);
      key[WORD.mpls]!--;
      translation.dirty = true;
      return false;
    },
  };
}

export function setMplsTtl(of: Action, ttl: number): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      if (!isMplsType(key[WORD.ethType]!)) return;
      key[WORD.mpls] = ((key[WORD.mpls]! & ~0xff) | ttl) >>> 0;
      translation.dirty = true;
    },
  };
}

export function decNshTtl(of: Action): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      if (key[WORD.ethType] !== 0x894f) return false;
      if (key[WORD.nshHead + 1] === 0) return expired(translation, [0]);
      key[WORD.nshHead + 1]!--;
      translation.dirty = true;
      return false;
    },
  };
}
