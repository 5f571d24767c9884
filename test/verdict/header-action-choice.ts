/** Random actions on headers: tags and labels come and go, and times to live run out. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Random } from '../fuzz/random.ts';
import { chooseValue } from './field-choice.ts';
import { hasTag, type Known } from './known-packet.ts';
import { likely } from './likely.ts';

const TAG_TYPES = [0x8100, 0x8100, 0x88a8] as const;

export function chooseTag(random: Random, known: Known): Action[] {
  if (hasTag(known) && likely(random, 50)) {
    delete known.vlanTci;
    delete known.vlanVid;
    delete known.vlanPcp;
    return [{ type: 'popVlan' }];
  }
  const push: Action = { type: 'pushVlan', ethertype: random.pick(TAG_TYPES) };
  delete known.vlanTci;
  known.vlanVid = { value: 0x1000, mask: 0x1000 };
  return likely(random, 30)
    ? [push]
    : [push, { type: 'setField', field: 'vlanVid', value: chooseValue(random, 'vlanVid') }];
}

export function chooseLabel(random: Random, known: Known, { pops }: { pops: boolean }): Action[] {
  const labelled = known.ethType === 0x8847 || known.ethType === 0x8848;
  if (labelled && pops && likely(random, 55)) {
    const ethertype = random.pick([0x0800, 0x0800, 0x86dd, 0x8847, 0x1234]);
    dropPacketFacts(known);
    known.ethType = ethertype;
    return [{ type: 'popMpls', ethertype }];
  }
  if (labelled && likely(random, 60)) {
    return [random.pick<Action>([{ type: 'decMplsTtl' }, { type: 'setMplsTtl', mplsTtl: random.pick([1, 64, 0]) }])];
  }
  const ethertype = random.pick([0x8847, 0x8848]);
  dropPacketFacts(known);
  known.ethType = ethertype;
  return [{ type: 'pushMpls', ethertype }];
}

/** Nothing of what lies behind a label can be known. */
function dropPacketFacts(known: Known): void {
  for (const name of Object.keys(known)) {
    if (/^(ip|tcp|udp|sctp|icmp|arp|mpls|nxmIpTos)/.test(name)) delete known[name];
  }
}

export function chooseTtl(random: Random, known: Known): Action[] {
  if (known.ethType !== 0x0800 && known.ethType !== 0x86dd) return [];
  return [
    random.pick<Action>([
      { type: 'decNwTtl' },
      { type: 'decNwTtl' },
      { type: 'setNwTtl', nwTtl: random.pick([64, 1, 0]) },
      { type: 'decTtlCntIds', ids: [0, 3] },
    ]),
  ];
}
