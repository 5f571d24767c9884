/**
 * How long each action is, and what its fixed part may say, as Open vSwitch 3.1 decodes it over OpenFlow 1.4 (ofp-
 * actions.c).
 */

import { NICIRA, ONF } from '../../../../proto/openflow/experimenter.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import type { Refusal } from '../../switch-state.ts';
import { BAD_ACTION, NICIRA_REFUSALS } from './refusals.ts';

/** The action lies from `at` to `end`. */
export type ActionCheck = (bytes: Uint8Array, at: number, end: number) => Refusal | undefined;

export interface ActionShape {
  name: string;
  least: number;
  most: number;
  check: ActionCheck | undefined;
}

const ANY = 0xfff8;
const shape = (name: string, least: number, most = least, check?: ActionCheck): ActionShape => ({
  name,
  least,
  most,
  check,
});
const argument =
  (holds: (bytes: Uint8Array, at: number) => boolean): ActionCheck =>
  (bytes, at) =>
    holds(bytes, at) ? undefined : BAD_ACTION.badArgument;
const zeros = (from: number, to: number): ActionCheck =>
  argument((bytes, at) => {
    for (let i = from; i < to; i++) if (bytes[at + i] !== 0) return false;
    return true;
  });

const isVlan = (type: number) => type === 0x8100 || type === 0x88a8;
const isMpls = (type: number) => type === 0x8847 || type === 0x8848;
const FIRST_RESERVED = 0xff00;
const FIRST_RESERVED_WIDE = 0xffff_ff00;
const MOST_CLAUSES = 64;

const outPort: ActionCheck = (bytes, at) => {
  const port = u32(bytes, at + 4);
  return port >= FIRST_RESERVED && port < FIRST_RESERVED_WIDE ? BAD_ACTION.badOutPort : undefined;
};

const conjunction: ActionCheck = (bytes, at) => {
  const clauses = bytes[at + 11]!;
  const isSound = clauses >= 2 && clauses <= MOST_CLAUSES && bytes[at + 10]! < clauses;
  return isSound ? undefined : NICIRA_REFUSALS.badConjunction;
};

const STANDARD: ReadonlyMap<number, ActionShape> = new Map([
  [0, shape('output', 16, 16, outPort)],
  [
    1,
    shape(
      'setVlanVid',
      8,
      8,
      argument((bytes, at) => u16(bytes, at + 4) <= 0xfff),
    ),
  ],
  [
    2,
    shape(
      'setVlanPcp',
      8,
      8,
      argument((bytes, at) => bytes[at + 4]! <= 7),
    ),
  ],
  [3, shape('setDlSrc', 16)],
  [4, shape('setDlDst', 16)],
  [5, shape('setNwSrc', 8)],
  [6, shape('setNwDst', 8)],
  [
    7,
    shape(
      'setNwTos',
      8,
      8,
      argument((bytes, at) => (bytes[at + 4]! & 3) === 0),
    ),
  ],
  [
    8,
    shape(
      'setNwEcn',
      8,
      8,
      argument((bytes, at) => bytes[at + 4]! <= 3),
    ),
  ],
  [9, shape('setTpSrc', 8)],
  [10, shape('setTpDst', 8)],
  [
    13,
    shape(
      'setMplsLabel',
      8,
      8,
      argument((bytes, at) => u32(bytes, at + 4) <= 0xf_ffff),
    ),
  ],
  [
    14,
    shape(
      'setMplsTc',
      8,
      8,
      argument((bytes, at) => bytes[at + 4]! <= 7),
    ),
  ],
  [15, shape('setMplsTtl', 8)],
  [16, shape('decMplsTtl', 8)],
  [
    17,
    shape(
      'pushVlan',
      8,
      8,
      argument((bytes, at) => isVlan(u16(bytes, at + 4))),
    ),
  ],
  [18, shape('popVlan', 8)],
  [
    19,
    shape(
      'pushMpls',
      8,
      8,
      argument((bytes, at) => isMpls(u16(bytes, at + 4))),
    ),
  ],
  [20, shape('popMpls', 8)],
  [21, shape('setQueue', 8)],
  [22, shape('group', 8)],
  [23, shape('setNwTtl', 8)],
  [24, shape('decNwTtl', 8)],
  [25, shape('setField', 8, ANY)],
]);

const NICIRA_SHAPES: ReadonlyMap<number, ActionShape> = new Map([
  [1, shape('resubmit', 16)],
  [2, shape('setTunnel', 16)],
  [5, shape('popQueue', 16)],
  [6, shape('regMove', 24, ANY)],
  [7, shape('regLoad', 24)],
  [8, shape('note', 16, ANY)],
  [9, shape('setTunnel64', 24)],
  [10, shape('multipath', 32)],
  [12, shape('bundle', 32, ANY)],
  [13, shape('bundleLoad', 32, ANY)],
  [14, shape('resubmitTable', 16, 16, zeros(13, 16))],
  [15, shape('outputReg', 24, 24, zeros(18, 24))],
  [16, shape('learn', 32, ANY)],
  [17, shape('exit', 16)],
  [19, shape('finTimeout', 16)],
  [20, shape('controller', 16)],
  [21, shape('decTtlCntIds', 16, ANY)],
  [22, shape('writeMetadata', 32)],
  [27, shape('stackPush', 24, ANY)],
  [28, shape('stackPop', 24, ANY)],
  [29, shape('sample', 24)],
  [32, shape('outputReg2', 24)],
  [33, shape('regLoad2', 16, ANY)],
  [34, shape('conjunction', 16, 16, conjunction)],
  [35, shape('ct', 24, ANY)],
  [36, shape('nat', 16, ANY)],
  [37, shape('controller2', 16, ANY)],
  [38, shape('sample2', 32)],
  [39, shape('outputTrunc', 16)],
  [41, shape('sample3', 32)],
  [42, shape('clone', 16, ANY)],
  [43, shape('ctClear', 16)],
  [44, shape('resubmitTableCt', 16, 16, zeros(13, 16))],
  [45, shape('learn2', 40, ANY)],
  [46, shape('encap', 16, ANY)],
  [47, shape('decap', 16)],
  [48, shape('decNshTtl', 16)],
  [49, shape('checkPktLarger', 24)],
  [50, shape('deleteField', 16, ANY)],
  [254, shape('debugSlow', 16)],
  [255, shape('debugRecirc', 16)],
]);

const ONF_SHAPES: ReadonlyMap<number, ActionShape> = new Map([[3200, shape('copyField', 24, ANY)]]);

const EXPERIMENTER = 0xffff;

/** The shape of the action whose header lies at `at`, or why it has none. */
export function shapeAt(bytes: Uint8Array, at: number, end: number): ActionShape | Refusal {
  const type = u16(bytes, at);
  const length = u16(bytes, at + 2);
  if (type !== EXPERIMENTER) return STANDARD.get(type) ?? BAD_ACTION.badType;
  if (end - at < 8) return BAD_ACTION.badLen;
  const experimenter = u32(bytes, at + 4);
  const shapes = experimenter === NICIRA ? NICIRA_SHAPES : experimenter === ONF ? ONF_SHAPES : undefined;
  if (shapes === undefined) return BAD_ACTION.badExperimenter;
  if (end - at < 10 || length < 16) return BAD_ACTION.badLen;
  return shapes.get(u16(bytes, at + 8)) ?? BAD_ACTION.badExpType;
}
