/** Nicira's messages (nicira-ext.h): OFPT_EXPERIMENTER with Nicira's number, by their type. */

import type { Infer } from '../../wire/codec.ts';
import { u16 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

/** NXT_SET_CONTROLLER_ID: which of a switch's connections `controller` actions with this id mean. */
const setControllerId = struct({ pad: padding(6), controllerId: u16 }, 'setControllerId');

/** name → [type, codec of what follows it] */
export const NICIRA_MESSAGES = {
  setControllerId: [20, setControllerId],
} as const;

export type NiciraMessage = {
  [K in keyof typeof NICIRA_MESSAGES]: Infer<(typeof NICIRA_MESSAGES)[K][1]>;
}[keyof typeof NICIRA_MESSAGES];
