/**
 * OFPT_ERROR (OpenFlow 1.4, 7.5.4): what was refused, by the specification's names without OFPET_, OFPBRC_ and so on;
 * `data` starts with the refused message.
 */

import { choice } from '../wire/choice.ts';
import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { rest, u16, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { NICIRA } from './experimenter.ts';
import { NICIRA_ERRORS } from './nicira/error.ts';

/** An error whose codes are these, from 0. */
function coded<const N extends string>(...names: N[]) {
  const codes = Object.fromEntries(names.map((name, code) => [name, code])) as Record<N, number>;
  return struct({ code: enumeration(u16, codes), data: rest });
}

/** Codes 2 to 4 were OpenFlow 1.3's. */
const tableFeaturesFailed = struct({
  code: enumeration(u16, { badTable: 0, badMetadata: 1, eperm: 5 }),
  data: rest,
});

const byExperimenter = structure(
  'ofp_error_experimenter_msg',
  struct({ experimenterType: u16, experimenter: u32, data: rest }),
);

/** Types that mean the same since OpenFlow 1.0. */
export const ERRORS_SINCE_1_0 = {
  helloFailed: [0, coded('incompatible', 'eperm')],
  badRequest: [
    1,
    coded(
      'badVersion',
      'badType',
      'badMultipart',
      'badExperimenter',
      'badExpType',
      'eperm',
      'badLen',
      'bufferEmpty',
      'bufferUnknown',
      'badTableId',
      'isSlave',
      'badPort',
      'badPacket',
      'multipartBufferOverflow',
      'multipartRequestTimeout',
      'multipartReplyTimeout',
    ),
  ],
  badAction: [
    2,
    coded(
      'badType',
      'badLen',
      'badExperimenter',
      'badExpType',
      'badOutPort',
      'badArgument',
      'eperm',
      'tooMany',
      'badQueue',
      'badOutGroup',
      'matchInconsistent',
      'unsupportedOrder',
      'badTag',
      'badSetType',
      'badSetLen',
      'badSetArgument',
    ),
  ],
} as const;

/** Of a type that has no name. */
export const otherError = struct({ code: u16, data: rest });

export const error = structure(
  'ofp_error_msg',
  choice({
    type: 'error',
    field: 'errorType',
    base: u16,
    variants: {
      ...ERRORS_SINCE_1_0,
      badInstruction: [
        3,
        coded(
          'unknownInst',
          'unsupInst',
          'badTableId',
          'unsupMetadata',
          'unsupMetadataMask',
          'badExperimenter',
          'badExpType',
          'badLen',
          'eperm',
          'dupInst',
        ),
      ],
      badMatch: [
        4,
        coded(
          'badType',
          'badLen',
          'badTag',
          'badDlAddrMask',
          'badNwAddrMask',
          'badWildcards',
          'badField',
          'badValue',
          'badMask',
          'badPrereq',
          'dupField',
          'eperm',
        ),
      ],
      flowModFailed: [
        5,
        coded(
          'unknown',
          'tableFull',
          'badTableId',
          'overlap',
          'eperm',
          'badTimeout',
          'badCommand',
          'badFlags',
          'cantSync',
          'badPriority',
        ),
      ],
      groupModFailed: [
        6,
        coded(
          'groupExists',
          'invalidGroup',
          'weightUnsupported',
          'outOfGroups',
          'outOfBuckets',
          'chainingUnsupported',
          'watchUnsupported',
          'loop',
          'unknownGroup',
          'chainedGroup',
          'badType',
          'badCommand',
          'badBucket',
          'badWatch',
          'eperm',
        ),
      ],
      portModFailed: [7, coded('badPort', 'badHwAddr', 'badConfig', 'badAdvertise', 'eperm')],
      tableModFailed: [8, coded('badTable', 'badConfig', 'eperm')],
      queueOpFailed: [9, coded('badPort', 'badQueue', 'eperm')],
      switchConfigFailed: [10, coded('badFlags', 'badLen', 'eperm')],
      roleRequestFailed: [11, coded('stale', 'unsup', 'badRole')],
      meterModFailed: [
        12,
        coded(
          'unknown',
          'meterExists',
          'invalidMeter',
          'unknownMeter',
          'badCommand',
          'badFlags',
          'badRate',
          'badBurst',
          'badBand',
          'badBandValue',
          'outOfMeters',
          'outOfBands',
        ),
      ],
      tableFeaturesFailed: [13, tableFeaturesFailed],
      badProperty: [
        14,
        coded(
          'badType',
          'badLen',
          'badValue',
          'tooMany',
          'dupType',
          'badExperimenter',
          'badExpType',
          'badExpValue',
          'eperm',
        ),
      ],
      asyncConfigFailed: [15, coded('invalid', 'unsupported', 'eperm')],
      flowMonitorFailed: [
        16,
        coded(
          'unknown',
          'monitorExists',
          'invalidMonitor',
          'unknownMonitor',
          'badCommand',
          'badFlags',
          'badTableId',
          'badOut',
        ),
      ],
      bundleFailed: [
        17,
        coded(
          'unknown',
          'eperm',
          'badId',
          'bundleExist',
          'bundleClosed',
          'outOfBundles',
          'badType',
          'badFlags',
          'msgBadLen',
          'msgBadXid',
          'msgUnsup',
          'msgConflict',
          'msgTooMany',
          'msgFailed',
          'timeout',
          'bundleInProgress',
        ),
      ],
      experimenter: [0xffff, byExperimenter],
    },
    otherwise: otherError,
  }),
);
export type ErrorMessage = Infer<typeof error>;

/** `BAD_ACTION/BAD_OUT_GROUP`, or numbers where the specification has no name. */
export function errorName(message: ErrorMessage & { version?: number }): string {
  if (message.errorType === 'experimenter') {
    const { experimenter, experimenterType } = message;
    const name = experimenter === NICIRA ? NICIRA_ERRORS[experimenterType] : undefined;
    return name ?? `experimenter 0x${experimenter.toString(16)}, type ${experimenterType}`;
  }
  const { errorType, code } = message;
  if (typeof errorType === 'number') {
    return `type ${errorType}, code ${code}${message.version === undefined ? '' : ` of version ${message.version}`}`;
  }
  return `${spelled(errorType)}/${typeof code === 'number' ? code : spelled(code)}`;
}

/** As the specification spells it. */
function spelled(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}
