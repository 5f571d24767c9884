/** The order in which an action set is carried out (OpenFlow 1.4, 5.10), as Open vSwitch has it: groups' buckets are ones, too. */

import type { Step } from './program.ts';

/** Each once, the last that was written, in this order. */
const FIRST = [
  ['popVlan'],
  ['popMpls'],
  ['decap'],
  ['encap'],
  ['pushMpls'],
  ['pushVlan'],
  ['decNwTtl', 'decTtlCntIds'],
  ['decMplsTtl'],
  ['decNshTtl'],
];

/** All of them, in the order in which they were written. */
const SETS: ReadonlySet<string> = new Set([
  ...['setField', 'regLoad', 'regLoad2', 'regMove', 'copyField', 'setMplsTtl', 'setNwTtl', 'setTunnel', 'setTunnel64'],
  ...['setVlanVid', 'setVlanPcp', 'setDlSrc', 'setDlDst', 'setNwSrc', 'setNwDst', 'setNwTos', 'setNwEcn'],
  ...['setTpSrc', 'setTpDst', 'setMplsLabel', 'setMplsTc', 'setQueue'],
]);

/** One of these ends it, the first kind that is there; without one nothing of the set is done. */
const FINAL = [['group'], ['output'], ['resubmit', 'resubmitTable', 'resubmitTableCt'], ['ctClear'], ['ct']];

/** What is of no kind here, `learn` or `note` for instance, is left out. */
export function orderActionSet(written: readonly Step[]): Step[] {
  if (written.length === 0) return [];
  const last = (types: readonly string[]) => written.findLast(({ of }) => types.includes(of.type));
  const final = FINAL.map(last).find((step) => step !== undefined);
  if (final === undefined) return [];
  const ordered = FIRST.map(last).filter((step) => step !== undefined);
  ordered.push(...written.filter(({ of }) => SETS.has(of.type)));
  ordered.push(final);
  return ordered;
}
