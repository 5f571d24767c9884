/** Words of a flow beside its match and its actions (ovs-ofctl(8), Flow Syntax): commands, flags, what is left out. */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';

type Names<T> = Extract<T, string>;

/** What a line of ovs-ofctl's add-flows starts with; `add` is left out. */
export const COMMAND_WORDS: Readonly<Record<Names<FlowMod['command']>, string>> = {
  add: 'add',
  modify: 'modify',
  modifyStrict: 'modify_strict',
  delete: 'delete',
  deleteStrict: 'delete_strict',
};

export const FLAG_WORDS: Readonly<Record<Names<FlowMod['flags'][number]>, string>> = {
  sendFlowRem: 'send_flow_rem',
  checkOverlap: 'check_overlap',
  resetCounts: 'reset_counts',
  noPktCounts: 'no_packet_counts',
  noBytCounts: 'no_byte_counts',
};

export const DEFAULT_PRIORITY = 32768;
