/**
 * Which message a header announces, and whether it can be as long as it says (OpenFlow 1.4, 7.1; ofp-msgs.h): the first
 * fault.
 */

import { NICIRA, ONF } from '../../../../proto/openflow/experimenter.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import type { Refusal } from '../../switch-state.ts';
import { BAD_REQUEST } from './refusals.ts';

/** Lengths in all: the least, and so many bytes that it may be longer by a multiple of; 0: by none. */
type Length = readonly [least: number, step: number];

const EXPERIMENTER = 4;
const MULTIPART_REQUEST = 18;
const MULTIPART_REPLY = 19;
const MULTIPART_EXPERIMENTER = 0xffff;

const TYPES: Readonly<Record<number, Length>> = {
  0: [8, 1],
  1: [12, 1],
  2: [8, 1],
  3: [8, 1],
  5: [8, 0],
  6: [32, 0],
  7: [8, 0],
  8: [12, 0],
  9: [12, 0],
  10: [24, 1],
  11: [48, 1],
  12: [80, 1],
  13: [24, 1],
  14: [48, 8],
  15: [16, 8],
  16: [32, 8],
  17: [16, 8],
  20: [8, 0],
  21: [8, 0],
  24: [24, 0],
  25: [24, 0],
  26: [8, 0],
  27: [8, 8],
  28: [8, 8],
  29: [16, 8],
  30: [24, 8],
  31: [16, 8],
  32: [16, 8],
  33: [16, 8],
  34: [16, 1],
};

const NICIRA_TYPES: Readonly<Record<number, Length>> = {
  10: [20, 0],
  11: [20, 0],
  13: [48, 8],
  14: [56, 8],
  15: [24, 0],
  16: [20, 0],
  17: [40, 1],
  18: [16, 0],
  19: [40, 0],
  20: [24, 0],
  24: [24, 8],
  25: [16, 0],
  26: [32, 8],
  28: [16, 8],
  29: [24, 0],
  30: [16, 8],
  32: [24, 8],
};

const REQUESTS: Readonly<Record<number, Length>> = {
  0: [16, 0],
  1: [48, 8],
  2: [48, 8],
  3: [16, 0],
  4: [24, 0],
  5: [24, 0],
  6: [24, 0],
  7: [16, 0],
  8: [16, 0],
  9: [24, 0],
  10: [24, 0],
  11: [16, 0],
  12: [16, 8],
  13: [16, 0],
  14: [16, 0],
  15: [24, 0],
  16: [16, 8],
};

const NICIRA_REQUESTS: Readonly<Record<number, Length>> = { 3: [24, 0], 4: [24, 0] };

/** The message is `bytes`, as long as its header says. */
export function checkHeader(bytes: Uint8Array): Refusal | undefined {
  const type = bytes[1]!;
  if (type === MULTIPART_REQUEST || type === MULTIPART_REPLY) return checkMultipart(bytes, type);
  if (type === EXPERIMENTER) {
    if (bytes.length < 16) return BAD_REQUEST.badLen;
    const experimenter = u32(bytes, 8);
    if (experimenter === ONF) return BAD_REQUEST.badExpType;
    if (experimenter !== NICIRA) return BAD_REQUEST.badExperimenter;
    return fits(NICIRA_TYPES[u32(bytes, 12)], bytes.length, BAD_REQUEST.badExpType);
  }
  return fits(TYPES[type], bytes.length, BAD_REQUEST.badType);
}

function checkMultipart(bytes: Uint8Array, type: number): Refusal | undefined {
  if (bytes.length < 16) return BAD_REQUEST.badLen;
  const kind = u16(bytes, 8);
  if (kind === MULTIPART_EXPERIMENTER) {
    if (bytes.length < 24) return BAD_REQUEST.badLen;
    const experimenter = u32(bytes, 16);
    if (experimenter === ONF) return BAD_REQUEST.badExpType;
    if (experimenter !== NICIRA) return BAD_REQUEST.badExperimenter;
    return fits(NICIRA_REQUESTS[u32(bytes, 20)], bytes.length, BAD_REQUEST.badExpType);
  }
  if (type === MULTIPART_REPLY) return REQUESTS[kind] === undefined ? BAD_REQUEST.badMultipart : undefined;
  return fits(REQUESTS[kind], bytes.length, BAD_REQUEST.badMultipart);
}

function fits(length: Length | undefined, bytes: number, otherwise: Refusal): Refusal | undefined {
  if (length === undefined) return otherwise;
  const [least, step] = length;
  if (bytes < least) return BAD_REQUEST.badLen;
  return step === 0
    ? bytes === least
      ? undefined
      : BAD_REQUEST.badLen
    : (bytes - least) % step === 0
      ? undefined
      : BAD_REQUEST.badLen;
}
