/** Actions that write fields: set-field and its older forms, register load and move, copy-field, the stack (7.2.4, nicira-ext.h). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { isField, isMasked } from '../../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import type { Key } from '../../key/key.ts';
import { WORD } from '../../key/layout.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import { wordsOf } from '../../key/value.ts';
import type { Step } from '../program.ts';
import type { Translation } from '../translation.ts';
import { packetHas } from './prerequisite.ts';
import { isAboveMpls, type RunOfBits, readWords, runOfBits, wholeField, writer } from './run-of-bits.ts';

/** undefined: it names a field that this switch does not know. */
export function setField(
  of: Action,
  field: string,
  value: FieldValue | Masked<FieldValue>,
  fields: TlvTable,
): Step | undefined {
  const run = isField(field) ? wholeField(field, fields) : undefined;
  if (run === undefined || !isField(field)) return undefined;
  const row = fieldRow(field);
  if (!isMasked(value)) return write(of, run, wordsOf(row, value));
  const words = wordsOf(row, value.value);
  const mask = wordsOf(row, value.mask);
  const has = packetHas(row.prerequisite);
  const put = writer(run);
  return {
    of,
    needsHeaders: isAboveMpls(field),
    run(translation) {
      if (has?.(translation.key) === false) notOf(translation, field);
      else {
        const old = readWords(translation.key, run);
        put(
          translation,
          old.map((each, i) => ((each & ~mask[i]!) | (words[i]! & mask[i]!)) >>> 0),
        );
      }
    },
  };
}

/** A value into a run of bits, where the packet has the field. */
function write(of: Action, run: RunOfBits, words: readonly number[]): Step {
  const has = packetHas(fieldRow(run.field).prerequisite);
  const put = writer(run);
  return {
    of,
    needsHeaders: isAboveMpls(run.field),
    run(translation) {
      if (has?.(translation.key) === false) notOf(translation, run.field);
      else put(translation, words);
    },
  };
}

function notOf({ watcher }: Translation, field: FieldName): void {
  watcher?.note(`the packet has no ${field}: it is not set`);
}

export function load(of: Action, to: Subfield, value: bigint, fields: TlvTable): Step | undefined {
  const run = runOfBits(to, fields);
  const words = [Number((value >> 32n) & 0xffff_ffffn), Number(value & 0xffff_ffffn)];
  return run === undefined ? undefined : write(of, run, words);
}

export function move(of: Action, from: Subfield, to: Subfield, fields: TlvTable): Step | undefined {
  const source = runOfBits(from, fields);
  const target = runOfBits(to, fields);
  if (source === undefined || target === undefined) return undefined;
  const hasSource = packetHas(fieldRow(from.field).prerequisite);
  const hasTarget = packetHas(fieldRow(to.field).prerequisite);
  const put = writer(target);
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      if (hasSource?.(key) === false) notOf(translation, from.field);
      else if (hasTarget?.(key) === false) notOf(translation, to.field);
      else put(translation, readWords(key, source));
    },
  };
}

export function stackPush(of: Action, from: Subfield, fields: TlvTable): Step | undefined {
  const run = runOfBits(from, fields);
  if (run === undefined) return undefined;
  return { of, needsHeaders: true, run: ({ stack, key }) => void stack.push(readWords(key, run)) };
}

/** Of a longer value the lowest bits, of a shorter one with zeros before it. An empty stack leaves the field as it is. */
export function stackPop(of: Action, to: Subfield, fields: TlvTable): Step | undefined {
  const run = runOfBits(to, fields);
  if (run === undefined) return undefined;
  const has = packetHas(fieldRow(to.field).prerequisite);
  const put = writer(run);
  const size = Math.ceil(run.bits / 32);
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const words = translation.stack.pop();
      if (words === undefined) translation.watcher?.note('the stack is empty: nothing is popped');
      else if (has?.(translation.key) === false) notOf(translation, to.field);
      else put(translation, [...new Array<number>(size).fill(0), ...words].slice(-size));
    },
  };
}

/** An older set action, which sets only what the packet has: `change` gives false where it has not. */
export function setWhere(of: Action, change: (key: Key) => boolean): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      if (change(translation.key)) translation.dirty = true;
    },
  };
}

export function deleteOption(of: Action, field: FieldName, fields: TlvTable): Step | undefined {
  const run = wholeField(field, fields);
  const presence = fields.presenceOf(field);
  if (run === undefined || presence === undefined) return undefined;
  const put = writer(run);
  const word = presence.last - (presence.shift >>> 5);
  const bit = 1 << (presence.shift & 31);
  return {
    of,
    needsHeaders: false,
    run(translation) {
      put(translation, new Array<number>(Math.ceil(run.bits / 32)).fill(0));
      translation.key[word] = translation.key[word]! & ~bit;
    },
  };
}

export function setTunnelId(of: Action, id: bigint): Step {
  const words = [Number(id >> 32n), Number(id & 0xffff_ffffn)] as const;
  return {
    of,
    needsHeaders: false,
    run({ key }) {
      [key[WORD.tunnelId], key[WORD.tunnelId + 1]] = words;
    },
  };
}
