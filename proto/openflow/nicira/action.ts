/**
 * Nicira's actions (nicira-ext.h, enum nx_action_subtype; Open vSwitch's lib/ofp-actions.c), but for those that hold
 * actions. Those that OpenFlow 1.1 made standard (set_queue 4, dec_ttl 18, push_mpls 23 and pop_mpls 24, the mpls ones 25,
 * 26, 30 and 31, group 40) Open vSwitch takes over OpenFlow 1.0 alone: here they are experimenters like any other.
 */

import { type Infer, structure } from '../../wire/codec.ts';
import { rest, u8, u16, u32, u64 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { checkPktLarger } from './check-pkt-larger.ts';
import { decTtlCntIds } from './dec-ttl-cnt-ids.ts';
import { deleteField } from './delete-field.ts';
import { decap, encap } from './encap.ts';
import { multipath, portBundle, portBundleLoad } from './hashed.ts';
import { learn, learn2 } from './learn.ts';
import { nat } from './nat.ts';
import { outputReg, outputReg2, outputTrunc } from './output.ts';
import { regLoad, regLoad2, regMove } from './register.ts';
import { resubmit, resubmitTable, resubmitTableCt } from './resubmit.ts';
import { sample, sample2, sample3 } from './sample.ts';
import { stackPop, stackPush } from './stack.ts';
import { controller, controller2 } from './to-controller.ts';

/** Actions of which nothing follows but padding. */
const alone = <const T extends string>(type: T) => structure('ext_action_header', struct({ pad: padding(6) }, type));

/** Clauses count from 0 on the wire; ovs-ofctl's text counts them from 1. */
const conjunction = structure('nx_action_conjunction', struct({ clause: u8, nClauses: u8, id: u32 }, 'conjunction'));

export const NICIRA_ACTIONS = {
  resubmit: [1, resubmit],
  setTunnel: [2, struct({ pad: padding(2), tunId: u32 }, 'setTunnel')],
  popQueue: [5, alone('popQueue')],
  regMove: [6, regMove],
  regLoad: [7, regLoad],
  note: [8, structure('nx_action_note', struct({ note: rest }, 'note'))],
  setTunnel64: [9, struct({ pad: padding(6), tunId: u64 }, 'setTunnel64')],
  multipath: [10, multipath],
  bundle: [12, portBundle],
  bundleLoad: [13, portBundleLoad],
  resubmitTable: [14, resubmitTable],
  outputReg: [15, outputReg],
  learn: [16, learn],
  exit: [17, alone('exit')],
  finTimeout: [
    19,
    structure(
      'nx_action_fin_timeout',
      struct({ finIdleTimeout: u16, finHardTimeout: u16, pad: padding(2) }, 'finTimeout'),
    ),
  ],
  controller: [20, controller],
  decTtlCntIds: [21, decTtlCntIds],
  /** Open vSwitch takes it, and sends the instruction instead. */
  writeMetadata: [
    22,
    structure('nx_action_write_metadata', struct({ pad: padding(6), metadata: u64, mask: u64 }, 'writeMetadata')),
  ],
  stackPush: [27, stackPush],
  stackPop: [28, stackPop],
  sample: [29, sample],
  outputReg2: [32, outputReg2],
  regLoad2: [33, regLoad2],
  conjunction: [34, conjunction],
  nat: [36, nat],
  controller2: [37, controller2],
  sample2: [38, sample2],
  outputTrunc: [39, outputTrunc],
  sample3: [41, sample3],
  ctClear: [43, alone('ctClear')],
  resubmitTableCt: [44, resubmitTableCt],
  learn2: [45, learn2],
  encap: [46, encap],
  decap: [47, decap],
  decNshTtl: [48, alone('decNshTtl')],
  checkPktLarger: [49, checkPktLarger],
  deleteField: [50, deleteField],
  /** For those who test Open vSwitch. */
  debugSlow: [254, alone('debugSlow')],
  debugRecirc: [255, alone('debugRecirc')],
} as const;

export type NiciraAction = {
  [K in keyof typeof NICIRA_ACTIONS]: Infer<(typeof NICIRA_ACTIONS)[K][1]>;
}[keyof typeof NICIRA_ACTIONS];
