/**
 * Flows of one shape that differ in some numbers only, the slots of their template: for apps that set flows as packets
 * come. The template's messages are encoded once, as the codec does it; a flow of it is their bytes with its numbers in place.
 */

import { encodeMessage, type MessageBody } from '../../../proto/openflow/message.ts';
import { isField } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import { ipv4Text, macText } from '../../../proto/wire/address.ts';
import type { AppAction, AppFlow, AppMatch, FlowParts } from '../flow.ts';
import { FlowError } from '../flow-error.ts';

/** Where each flow of a template has a number of its own. */
export interface Slot {
  readonly slot: number;
}

/** The `number`th number that `set` and `delete` of the template are called with, from 0 on. */
export function slot(number: number): Slot {
  return { slot: number };
}

export type TemplateMatch = { [N in keyof AppMatch]?: AppMatch[N] | (N extends FieldName ? Slot : never) };

export type TemplateAction =
  | AppAction
  | { type: 'output'; port: Slot }
  | { type: 'set'; field: FieldName; value: Slot };

/**
 * What a template's flows have in common. MAC and IPv4 addresses are numbers in its slots; ports stand in `inPort` and in
 * `output`.
 */
export interface FlowTemplate extends Omit<FlowParts, 'actions'> {
  match: TemplateMatch;
  actions: (TemplateAction | TemplateAction[])[];
}

/** Where a slot stands: its field; `output`: a port that a flow sends to. */
type Use = FieldName | 'output';

export interface SlotUse {
  uses: Use[];
  /** The largest number that fits. */
  most: number;
  inMatch: boolean;
}

export const MOST_SLOTS = 8;
const PORT_BITS = 32;

/** What each slot is; throws where the template can't be. */
export function slotsOf(template: FlowTemplate): SlotUse[] {
  const slots: SlotUse[] = [];
  const note = (value: unknown, use: Use | string, inMatch: boolean) => {
    if (!isSlot(value)) return;
    const bits = use === 'output' ? PORT_BITS : bitsOf(use);
    if (!Number.isInteger(value.slot) || value.slot < 0 || value.slot >= MOST_SLOTS) {
      throw new FlowError(`slot(${value.slot}): slots are numbered from 0 to ${MOST_SLOTS - 1}`);
    }
    const known = slots[value.slot];
    const most = 2 ** bits - 1;
    slots[value.slot] = {
      uses: [...(known?.uses ?? []), use as Use],
      most: Math.min(known?.most ?? most, most),
      inMatch: inMatch || known?.inMatch === true,
    };
  };
  for (const [name, value] of Object.entries(template.match)) note(value, name, true);
  for (const action of template.actions.flat()) {
    if (action.type === 'output') note(action.port, 'output', false);
    if (action.type === 'set') note(action.value, action.field, false);
  }
  for (let i = 0; i < slots.length; i++) {
    if (slots[i] === undefined) throw new FlowError(`slot(${i}) stands nowhere, though slot(${slots.length - 1}) does`);
  }
  return slots;
}

function bitsOf(name: string): number {
  const row = isField(name) ? fieldRow(name) : undefined;
  if (row === undefined || row.bits > 48 || row.kind === 'hex' || row.kind === 'octets' || row.kind === 'ipv6') {
    throw new FlowError(`a slot can't stand for "${name}": only for ports and fields of up to 48 bits`);
  }
  return row.bits;
}

/** The flow with these numbers in its slots. */
export function fill(template: FlowTemplate, values: ArrayLike<number>): AppFlow {
  const match: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(template.match)) {
    match[name] = isSlot(value) ? fieldValue(name as FieldName, values[value.slot] ?? 0) : value;
  }
  const actions = template.actions.flat().map((action): AppAction => {
    if (action.type === 'output' && isSlot(action.port)) return { type: 'output', port: values[action.port.slot] ?? 0 };
    if (action.type !== 'set' || !isSlot(action.value)) return action as AppAction;
    const value = fieldValue(action.field as FieldName, values[action.value.slot] ?? 0);
    return { type: 'set', field: action.field, value };
  });
  return { ...template, match: match as AppMatch, actions };
}

function fieldValue(name: FieldName, value: number): FieldValue {
  switch (fieldRow(name).kind) {
    case 'mac':
      return macText(Uint8Array.from([40, 32, 24, 16, 8, 0], (shift) => Math.floor(value / 2 ** shift) % 256));
    case 'ipv4':
      return ipv4Text(value);
    case 'bigint':
      return BigInt(value);
    default:
      return value;
  }
}

function isSlot(value: unknown): value is Slot {
  return typeof value === 'object' && value !== null && 'slot' in value;
}

/** A message's bytes, and where in them the slots' numbers lie, most significant byte first. */
export interface TemplateBytes {
  bytes: Uint8Array;
  slots: Int32Array;
  offsets: Int32Array;
  /** In bytes, at most 8. */
  widths: Int32Array;
}

/** Two numbers for each slot that differ in every byte, and fit into every field. */
const ONE = 0x01;
const OTHER = 0x02;

/** `message` with given numbers in the slots; what it gives must have the same length for all of them. */
export function templateBytes(
  slots: readonly SlotUse[],
  message: (values: readonly number[]) => MessageBody,
): TemplateBytes {
  const encoded = (values: readonly number[]) => encodeMessage({ ...message(values), xid: 0 }).slice();
  const ones = slots.map(({ most }) => repeated(ONE, most));
  const bytes = encoded(ones);
  const places: { slot: number; offset: number; width: number }[] = [];
  for (const slotNumber of slots.keys()) {
    const other = encoded(ones.map((value, i) => (i === slotNumber ? repeated(OTHER, slots[i]!.most) : value)));
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === other[at]) continue;
      const offset = at;
      while (at < bytes.length && bytes[at] !== other[at]) at++;
      places.push({ slot: slotNumber, offset, width: at - offset });
    }
  }
  const made: TemplateBytes = {
    bytes,
    slots: Int32Array.from(places, (place) => place.slot),
    offsets: Int32Array.from(places, (place) => place.offset),
    widths: Int32Array.from(places, (place) => place.width),
  };
  // Fields of odd bits, or one beside the other, would not lie in bytes of their own.
  const check = slots.map(({ most }, i) => Math.min(most, 1 + i));
  const written = bytes.slice();
  const view = new DataView(written.buffer);
  putSlots(made, written, view, 0, Float64Array.from(check));
  if (Buffer.compare(written, encoded(check)) !== 0) throw new FlowError('its slots do not lie in bytes of their own');
  return made;
}

/** A message that has none. */
export function withoutSlots(message: MessageBody): TemplateBytes {
  const bytes = encodeMessage({ ...message, xid: 0 }).slice();
  return { bytes, slots: NONE, offsets: NONE, widths: NONE };
}

const NONE = new Int32Array(0);

/** As many bytes of that value as are whole in `most`, one at least. */
function repeated(byte: number, most: number): number {
  let value = byte;
  while (value * 256 + byte <= most) value = value * 256 + byte;
  return value;
}

/** Writes the numbers over the template's bytes, which lie at `start`. */
export function putSlots(
  { slots, offsets, widths }: TemplateBytes,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  values: Float64Array,
): void {
  for (let i = 0; i < slots.length; i++) {
    const value = values[slots[i]!]!;
    const at = start + offsets[i]!;
    switch (widths[i]) {
      case 1:
        bytes[at] = value;
        break;
      case 2:
        view.setUint16(at, value);
        break;
      case 4:
        view.setUint32(at, value);
        break;
      case 6:
        view.setUint16(at, value / 0x1_0000_0000);
        view.setUint32(at + 2, value);
        break;
      default:
        for (let byte = widths[i]! - 1, left = value; byte >= 0; byte--, left = Math.floor(left / 256)) {
          bytes[at + byte] = left % 256;
        }
    }
  }
}

/**
 * The numbers that `bytes`, one of the template's messages, has in the slots; false: it is none of them. Its xid may be any.
 */
export function takeSlots(template: TemplateBytes, bytes: Uint8Array, into: Float64Array): boolean {
  if (bytes.length !== template.bytes.length) return false;
  into.fill(0);
  for (const [i, slotNumber] of template.slots.entries()) {
    let value = 0;
    const at = template.offsets[i]!;
    for (let byte = 0; byte < template.widths[i]!; byte++) value = value * 256 + bytes[at + byte]!;
    into[slotNumber] = value;
  }
  const again = template.bytes.slice();
  putSlots(template, again, new DataView(again.buffer), 0, into);
  again.set(bytes.subarray(XID, XID + 4), XID);
  return Buffer.compare(again, bytes) === 0;
}

/** Of every message. */
export const XID = 4;
