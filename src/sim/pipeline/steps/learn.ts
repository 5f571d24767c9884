/** NXAST_LEARN and _LEARN2 (nicira-ext.h): the packet makes a flow, of bits of its key and of immediates. */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { FlowMod } from '../../../../proto/openflow/flow-mod.ts';
import type { Match } from '../../../../proto/openflow/match.ts';
import type { Learn, Learn2 } from '../../../../proto/openflow/nicira/learn.ts';
import type { LearnSource, LearnSpec } from '../../../../proto/openflow/nicira/learn-spec.ts';
import type { FieldName } from '../../../../proto/openflow/oxm-fields.ts';
import { fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { NO_BUFFER, RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import { emptyKey, type Key, widePort } from '../../key/key.ts';
import { writeWords } from '../../key/masked-key.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import { fieldValueOf } from '../../key/value.ts';
import type { Step } from '../program.ts';
import { type RunOfBits, readWords, runOfBits, wholeField, writer } from './run-of-bits.ts';

type Spec =
  | { type: 'match' | 'load'; source: (key: Key) => number[]; target: RunOfBits }
  | { type: 'output'; source: (key: Key) => number[] };

export function learn(action: Learn | Learn2, fields: TlvTable): Step | undefined {
  const specs: Spec[] = [];
  for (const spec of action.specs) {
    const made = specOf(spec, fields);
    if (made === undefined) return undefined;
    specs.push(made);
  }
  const limit = action.type === 'learn2' ? action.limit : 0;
  const resultRun = action.type === 'learn2' && action.resultDst ? runOfBits(action.resultDst, fields) : undefined;
  const putResult = resultRun === undefined ? undefined : writer(resultRun);
  return {
    of: action,
    needsHeaders: true,
    run(translation) {
      const mod = learnedMod(action, specs, translation.key, fields);
      const { finIdleTimeout, finHardTimeout } = action;
      const learned = { mod, finIdleTimeout, finHardTimeout, limit };
      const may = translation.state.mayLearn(learned, translation.learned);
      if (may) translation.learned.push(learned);
      putResult?.(translation, [may ? 1 : 0]);
    },
  };
}

function specOf(spec: LearnSpec, fields: TlvTable): Spec | undefined {
  const source = sourceOf(spec.source, spec.bits, fields);
  if (source === undefined) return undefined;
  if (spec.type === 'output') return { type: 'output', source };
  const target = runOfBits(spec, fields);
  return target === undefined ? undefined : { type: spec.type, source, target };
}

function sourceOf(source: LearnSource, bits: number, fields: TlvTable): ((key: Key) => number[]) | undefined {
  if ('immediate' in source) {
    const words: number[] = [];
    for (let done = 0; done < bits; done += 32) {
      words.unshift(Number((source.immediate >> BigInt(done)) & 0xffff_ffffn));
    }
    return () => words;
  }
  const run = runOfBits({ ...source, bits }, fields);
  return run === undefined ? undefined : (key) => readWords(key, run);
}

/** The flow-mod that Open vSwitch carries out: it changes what is there, or adds. */
function learnedMod(action: Learn | Learn2, specs: readonly Spec[], key: Key, fields: TlvTable): FlowMod {
  const value = emptyKey();
  const mask = emptyKey();
  const matched = new Set<FieldName>();
  const actions: Action[] = [];
  for (const spec of specs) {
    const words = spec.source(key);
    if (spec.type === 'output') {
      const port = outputOf(words);
      if (port !== undefined) actions.push({ type: 'output', port, maxLen: 0 });
    } else if (spec.type === 'load') actions.push(...loads(spec.target, words, fields));
    else {
      const { last, position, bits, field } = spec.target;
      writeWords(value, { last, shift: position, bits }, words);
      writeWords(mask, { last, shift: position, bits }, new Array<number>(words.length).fill(0xffff_ffff));
      matched.add(field);
    }
  }
  const match: Record<string, unknown> = {};
  for (const field of matched) Object.assign(match, matchOf(field, value, mask, fields));
  return {
    type: 'flowMod',
    cookie: action.cookie,
    cookieMask: 0n,
    tableId: action.table,
    command: 'modifyStrict',
    idleTimeout: action.idleTimeout,
    hardTimeout: action.hardTimeout,
    priority: action.priority,
    bufferId: NO_BUFFER,
    outPort: 'any',
    outGroup: 'any',
    flags: action.flags.includes('sendFlowRem') ? ['sendFlowRem'] : [],
    importance: 0,
    match: match as Match,
    instructions: actions.length === 0 ? [] : [{ type: 'applyActions', actions }],
  };
}

const LEARNABLE: ReadonlySet<number> = new Set([
  RESERVED_PORTS.inPort,
  RESERVED_PORTS.flood,
  RESERVED_PORTS.local,
  RESERVED_PORTS.all,
]);
const FIRST_RESERVED = 0xff00;

/** Ports that a learned flow may output to; of others there is no output. */
function outputOf(words: readonly number[]): number | undefined {
  const value = words.at(-1)!;
  if (value > 0xffff || words.slice(0, -1).some((word) => word !== 0)) return undefined;
  const port = widePort(value);
  return port < FIRST_RESERVED || LEARNABLE.has(port) ? port : undefined;
}

/** Loads of up to 64 bits. */
function loads(target: RunOfBits, words: readonly number[], fields: TlvTable): Action[] {
  const { field, bits } = target;
  const offset = target.position - wholeField(field, fields)!.position;
  const actions: Action[] = [];
  for (let done = 0; done < bits; done += 64) {
    const size = Math.min(64, bits - done);
    const index = words.length - 1 - done / 32;
    const value = (BigInt(words[index - 1] ?? 0) << 32n) | BigInt(words[index]!);
    actions.push({
      type: 'regLoad',
      to: { field, offset: offset + done, bits: size },
      value: value & ((1n << BigInt(size)) - 1n),
    });
  }
  return actions;
}

function matchOf(field: FieldName, value: Key, mask: Key, fields: TlvTable): Record<string, unknown> {
  const run = wholeField(field, fields)!;
  const row = fieldRow(field);
  const masks = readWords(mask, run);
  const words = readWords(value, run);
  if (field === 'nxmInPort') return { inPort: widePort(words[0]!) };
  const full = readWords(emptyKey().fill(0xffff_ffff), run);
  const said = fieldValueOf(row, words, run.bits);
  if (masks.every((each, i) => each === full[i])) return { [field]: said };
  return { [field]: { value: said, mask: fieldValueOf(row, masks, run.bits) } };
}
