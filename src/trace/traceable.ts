/** A switch as a trace goes through it: its flows, what its numbers stand for, and where its ports lead. */

import { hexText } from '../../proto/wire/address.ts';
import type { TracedFrame } from '../api/trace.ts';
import type { TableFlow } from '../flow/flow.ts';
import { describePacket } from '../packet/describe.ts';
import { dissect } from '../packet/dissect.ts';
import type { Key } from '../sim/key/key.ts';
import type { LeftFrame, TracedSwitch } from '../sim/traced-switch.ts';
import type { Place } from './knowledge.ts';
import type { SwitchNames } from './recorder.ts';

export interface Traceable {
  dpid: string;
  name: string;
  traced: TracedSwitch<TableFlow>;
  names: SwitchNames;
  /** Where what leaves by a port goes on; undefined: to who is behind the port. */
  beyond(left: LeftFrame): Beyond | undefined;
  /** What a reader should know of all that is told of it. */
  notes: readonly string[];
}

/** Another switch; or, as `away`, why its way cannot be followed there. */
export type Beyond = { place: Place; tunnel: Key | undefined; by: string } | { away: string };

export function tracedFrame(frame: Uint8Array): TracedFrame {
  const { eth } = dissect(frame);
  return { text: describePacket(frame), src: eth?.src ?? '', dst: eth?.dst ?? '', hex: hexText(frame) };
}
