/**
 * OFPT_ERROR of OpenFlow 1.0 (5.4.4), whose types from 3 on mean other things than 1.4's: they stay numbers. Open
 * vSwitch answers in them, with version 1, where no version has an error of its own: a flow monitor refused, say.
 */

import { choice } from '../wire/choice.ts';
import { u16 } from '../wire/scalars.ts';
import { ERRORS_SINCE_1_0, otherError } from './error.ts';

/** The wire version of OpenFlow 1.0. */
export const OPENFLOW_1_0 = 0x01;

export const olderError = choice({
  type: 'error',
  field: 'errorType',
  base: u16,
  variants: ERRORS_SINCE_1_0,
  otherwise: otherError,
});
