/** Refusals that several checks share, by the names of OpenFlow 1.4 (7.5.4) or Open vSwitch's number (ofp-errors.h). */

import { NICIRA } from '../../../../proto/openflow/experimenter.ts';
import type { Refusal } from '../../switch-state.ts';

function all<const T extends string, const C extends string>(errorType: T, ...codes: C[]): Record<C, Refusal> {
  return Object.freeze(
    Object.fromEntries(codes.map((code) => [code, Object.freeze({ errorType, code })])),
  ) as unknown as Record<C, Refusal>;
}

export const BAD_REQUEST = all(
  'badRequest',
  ...(['badVersion', 'badType', 'badMultipart', 'badExperimenter', 'badExpType', 'eperm', 'badLen'] as const),
  ...(['bufferUnknown', 'badTableId', 'isSlave', 'badPort', 'badPacket', 'multipartBufferOverflow'] as const),
);

export const BAD_ACTION = all(
  'badAction',
  ...(['badType', 'badLen', 'badExperimenter', 'badExpType', 'badOutPort', 'badArgument', 'badOutGroup'] as const),
  ...(['matchInconsistent', 'unsupportedOrder', 'badTag', 'badSetType', 'badSetLen', 'badSetArgument'] as const),
);

export const BAD_INSTRUCTION = all(
  'badInstruction',
  ...(['unknownInst', 'badTableId', 'badExperimenter', 'badLen', 'dupInst'] as const),
);

export const BAD_MATCH = all(
  'badMatch',
  ...(['badType', 'badLen', 'badWildcards', 'badField', 'badValue', 'badMask', 'badPrereq', 'dupField'] as const),
);

export const FLOW_MOD_FAILED = all(
  'flowModFailed',
  ...(['tableFull', 'badTableId', 'overlap', 'eperm', 'badCommand', 'badFlags'] as const),
);

export const BAD_PROPERTY = all('badProperty', 'badType', 'badLen', 'badValue', 'badExperimenter', 'badExpType');

/** One of Open vSwitch's own. */
function nicira(expType: number): Refusal {
  return Object.freeze({ errorType: 'experimenter', code: '', experimenter: NICIRA, expType });
}

export const NICIRA_REFUSALS = Object.freeze({
  nxmInvalid: nicira(2),
  mustBeZero: nicira(4),
  badReason: nicira(5),
  badEvent: nicira(9),
  badConjunction: nicira(15),
  badBundleVersion: nicira(22),
  notSupported: nicira(34),
  notConfigured: nicira(36),
  badTlvCommand: nicira(16),
  badFeatures: nicira(10),
  stale: nicira(35),
  invalidTlvField: nicira(37),
  invalidTlvDeletion: nicira(38),
  badHeaderType: nicira(39),
  unknownEncapProperty: nicira(40),
  badEncapProperty: nicira(41),
});
