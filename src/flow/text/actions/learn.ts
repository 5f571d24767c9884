/** learn: the switch adds a flow made from the packet (ovs-actions(7), The learn action). */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { LearnSource, LearnSpec } from '../../../../proto/openflow/nicira/learn-spec.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import { fault, hint, shortened } from '../fault.ts';
import { allBits } from '../field-bits.ts';
import { fieldNamed, fieldText, fieldWords } from '../field-names.ts';
import { formatBits, parseBits } from '../field-value.ts';
import { DEFAULT_PRIORITY } from '../flow-words.ts';
import { bigintIn, decimalIn, hexOrZero, integerOf, numberIn } from '../numbers.ts';
import { type KnownNames, parseTable } from '../port-words.ts';
import { arrow, type Slice, textOf } from '../slice.ts';
import { formatSubfield, parseSubfield, withShortHeader } from '../subfield.ts';
import { type Word, words } from '../words.ts';
import { parseMove, writable } from './fields.ts';
import type { ActionOf, Actions, Context } from './kinds.ts';

type Learn = ActionOf<'learn'>;
type Learn2 = ActionOf<'learn2'>;

function formatLearn(learn: Omit<Learn, 'type'>, more: readonly string[] = []): string {
  const parts = [`table=${learn.table}`];
  if (learn.idleTimeout !== 0) parts.push(`idle_timeout=${learn.idleTimeout}`);
  if (learn.hardTimeout !== 0) parts.push(`hard_timeout=${learn.hardTimeout}`);
  if (learn.finIdleTimeout !== 0) parts.push(`fin_idle_timeout=${learn.finIdleTimeout}`);
  if (learn.finHardTimeout !== 0) parts.push(`fin_hard_timeout=${learn.finHardTimeout}`);
  if (learn.priority !== DEFAULT_PRIORITY) parts.push(`priority=${learn.priority}`);
  if (learn.flags.includes('sendFlowRem')) parts.push('send_flow_rem');
  if (learn.flags.includes('deleteLearned')) parts.push('delete_learned');
  if (learn.cookie !== 0n) parts.push(`cookie=${hexOrZero(learn.cookie)}`);
  return `learn(${[...parts, ...more, ...learn.specs.map(formatSpec)].join(',')})`;
}

function formatLearn2({ limit, resultDst, ...learn }: Learn2): string {
  const more: string[] = [];
  if (limit !== 0) more.push(`limit=${limit}`);
  if (resultDst !== undefined) more.push(`result_dst=${formatSubfield(resultDst)}`);
  return formatLearn(learn, more);
}

function formatSpec(spec: LearnSpec): string {
  const { bits } = spec;
  const source = formatSource(spec.source, bits);
  if (spec.type === 'output') return `output:${source}`;
  const { field, offset } = spec;
  const target = formatSubfield({ field, offset, bits });
  if (spec.type === 'load') return `load:${source}->${target}`;
  if (!('immediate' in spec.source)) return source === target ? target : `${target}=${source}`;
  if (offset !== 0 || bits !== fieldText(field).bits) return `${target}=${source}`;
  return `${fieldText(field).name}=${formatBits(field, { value: spec.source.immediate, mask: allBits(field) })}`;
}

function formatSource(source: LearnSource, bits: number): string {
  if ('immediate' in source) return hexOrZero(source.immediate);
  return formatSubfield({ ...source, bits });
}

function parseLearn({ value }: Word, { names }: Context): Action[] {
  const learn: Learn2 = {
    type: 'learn2',
    idleTimeout: 0,
    hardTimeout: 0,
    priority: DEFAULT_PRIORITY,
    cookie: 0n,
    flags: [],
    table: 1,
    finIdleTimeout: 0,
    finHardTimeout: 0,
    limit: 0,
    specs: [],
  };
  const specs: LearnSpec[] = [];
  const flags = new Set<'sendFlowRem' | 'deleteLearned' | 'writeResult'>();
  for (const word of words(value)) {
    const number = NUMBERS.get(word.name);
    if (number !== undefined) learn[number] = decimalIn(word.value, 16, word.name);
    else if (word.name === 'table') learn.table = parseTable(word.value, names);
    else if (word.name === 'cookie') learn.cookie = bigintIn(word.value, 64, 'cookie');
    else if (word.name === 'limit') learn.limit = numberIn(word.value, 32, 'limit');
    else if (word.name === 'send_flow_rem') flags.add('sendFlowRem');
    else if (word.name === 'delete_learned') flags.add('deleteLearned');
    else if (word.name === 'result_dst') {
      learn.resultDst = resultIn(word.value);
      flags.add('writeResult');
    } else specs.push(parseSpec(word, names));
  }
  learn.specs = specs;
  learn.flags = (['sendFlowRem', 'deleteLearned', 'writeResult'] as const).filter((flag) => flags.has(flag));
  if (learn.limit !== 0 || learn.resultDst !== undefined) return [learn];
  const { limit, resultDst, ...plain } = learn;
  return [{ ...plain, type: 'learn' } as Learn];
}

/** Decimal numbers of 16 bits. */
const NUMBERS = new Map<string, 'idleTimeout' | 'hardTimeout' | 'finIdleTimeout' | 'finHardTimeout' | 'priority'>([
  ['idle_timeout', 'idleTimeout'],
  ['hard_timeout', 'hardTimeout'],
  ['fin_idle_timeout', 'finIdleTimeout'],
  ['fin_hard_timeout', 'finHardTimeout'],
  ['priority', 'priority'],
]);

const KEYS = [
  'table',
  'cookie',
  'limit',
  'send_flow_rem',
  'delete_learned',
  'result_dst',
  'load',
  'output',
  ...NUMBERS.keys(),
];

function resultIn(slice: Slice): Subfield {
  const result = parseSubfield(slice);
  if (result.bits !== 1) throw fault(slice, `the result is one bit, not ${result.bits}`);
  writable(slice, result.field);
  return result;
}

function parseSpec(word: Word, names: KnownNames): LearnSpec {
  if (word.name === 'load') return parseLoadSpec(word);
  if (word.name === 'output') {
    const { field, offset, bits } = short(word.value);
    return { type: 'output', bits, source: { field, offset } };
  }
  const field = fieldNamed(word.name.split('[')[0]!);
  if (field === undefined) {
    const known = hint(word.name, [...KEYS, ...fieldWords()]);
    throw fault(word.key, `"${shortened(word.name)}" is nothing of learn, nor a field${known}`);
  }
  const target = short(word.key);
  return { type: 'match', bits: target.bits, source: matched(word, target, names), field, offset: target.offset };
}

/** Without a value, what the packet has in the same bits. */
function matched({ key, value, sign }: Word, target: Subfield, names: KnownNames): LearnSource {
  const { field, offset, bits } = target;
  if (sign === '') return { field, offset };
  if (fieldNamed(textOf(value).split('[')[0]!) !== undefined) {
    const from = short(value);
    if (from.bits !== bits) throw fault(value, `${from.bits} bits do not match ${bits}`);
    return { field: from.field, offset: from.offset };
  }
  if (bits !== fieldText(field).bits) return { immediate: bigintIn(value, bits, textOf(key)) };
  const said = parseBits(value, field, names);
  if (!said.exact) throw fault(value, 'learn matches without a mask: name the bits instead');
  if (said.value >> BigInt(bits) !== 0n) throw fault(value, `${fieldText(field).name} has ${bits} bits here`);
  return { immediate: said.value };
}

function parseLoadSpec(word: Word): LearnSpec {
  const [from, to] = arrow(word.value) ?? [];
  if (from !== undefined && to !== undefined && integerOf(textOf(from)) !== undefined) {
    const { field, offset, bits } = short(to);
    writable(to, field);
    return { type: 'load', bits, source: { immediate: bigintIn(from, bits, textOf(to)) }, field, offset };
  }
  const move = parseMove(word);
  if (from !== undefined && to !== undefined) {
    short(from);
    short(to);
  }
  const source = { field: move.from.field, offset: move.from.offset };
  return { type: 'load', bits: move.to.bits, source, field: move.to.field, offset: move.to.offset };
}

function short(slice: Slice): Subfield {
  return withShortHeader(slice, parseSubfield(slice));
}

export const LEARN: Actions = {
  print: { learn: (action) => formatLearn(action), learn2: formatLearn2 },
  parse: { learn: parseLearn },
};
