/** What a flow does, in ovs-ofctl's text: actions, and among them the words that are instructions in OpenFlow 1.4. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import { hexText } from '../../../proto/wire/address.ts';
import { checkDrop, contextOf, formatActions, isDrop, parseAction } from './action-list.ts';
import type { Context, Headers } from './actions/kinds.ts';
import { formatWriteMetadata } from './actions/tables.ts';
import { fault } from './fault.ts';
import { bigintIn, numberIn } from './numbers.ts';
import { type KnownNames, parseTable } from './port-words.ts';
import { part, type Slice, sliceOf, textOf } from './slice.ts';
import { type Word, words } from './words.ts';

const EVERY_BIT = 0xffff_ffff_ffff_ffffn;

/** In the order in which they must stand; each at most once. */
const ORDER = ['meter', 'applyActions', 'clearActions', 'writeActions', 'writeMetadata', 'gotoTable'] as const;
type Place = (typeof ORDER)[number];

const WORDS: ReadonlyMap<string, Place> = new Map([
  ['meter', 'meter'],
  ['clear_actions', 'clearActions'],
  ['write_actions', 'writeActions'],
  ['write_metadata', 'writeMetadata'],
  ['goto_table', 'gotoTable'],
]);

export function formatInstructions(instructions: readonly Instruction[]): string {
  const parts = instructions.map(formatInstruction).filter((part) => part !== '');
  return parts.length === 0 ? 'drop' : parts.join(',');
}

function formatInstruction(instruction: Instruction): string {
  switch (instruction.type) {
    case 'applyActions':
      return instruction.actions.length === 0 ? '' : formatActions(instruction.actions);
    case 'gotoTable':
      return `goto_table:${instruction.tableId}`;
    case 'writeMetadata':
      return formatWriteMetadata(instruction.metadata, instruction.mask);
    case 'writeActions':
      return instruction.actions.length === 0 ? '' : `write_actions(${formatActions(instruction.actions)})`;
    case 'clearActions':
      return 'clear_actions';
    case 'meter':
      return `meter:${instruction.meterId}`;
    case 'experimenter':
      return `instruction(experimenter=0x${instruction.experimenter.toString(16)},body=${hexText(instruction.body)})`;
    case 'unknown':
      return `instruction(code=${instruction.code},body=${hexText(instruction.body)})`;
  }
}

export function parseInstructions(text: string, names: KnownNames = {}): Instruction[] {
  return instructionsIn(sliceOf(text), names, { vlanTags: 0, ipProto: undefined });
}

export function instructionsIn(slice: Slice, names: KnownNames, headers: Headers): Instruction[] {
  const context = contextOf(names, headers);
  const all = words(slice);
  const found: Instruction[] = [];
  const applied: Action[] = [];
  let last: Place | undefined;
  for (const word of all) {
    if (isDrop(word)) continue;
    const place = WORDS.get(word.name.toLowerCase()) ?? 'applyActions';
    checkOrder(word, last, place);
    if (place !== 'applyActions') found.push(...instructionIn(place, word, context));
    else {
      if (last !== place) found.push({ type: place, actions: applied });
      applied.push(...parseAction(word, context));
    }
    last = place;
  }
  checkDrop(all);
  checkConjunction(all);
  return found.filter((instruction) => instruction.type !== 'applyActions' || instruction.actions.length > 0);
}

function checkConjunction(all: readonly Word[]): void {
  const other = all.find(({ name }) => !/^(conjunction|note)$/i.test(name));
  if (other !== undefined && all.some(({ name }) => name.toLowerCase() === 'conjunction')) {
    throw fault(other.key, 'beside conjunction only conjunction and note may stand');
  }
}

function checkOrder(word: Word, last: Place | undefined, next: Place): void {
  if (last === undefined || ORDER.indexOf(next) > ORDER.indexOf(last) || (next === 'applyActions' && last === next))
    return;
  const textOfPlace = (place: Place) => [...WORDS].find(([, each]) => each === place)?.[0] ?? 'actions';
  if (last === next) throw fault(word.key, `${word.name} stands twice`);
  throw fault(word.key, `${textOfPlace(next)} must stand before ${textOfPlace(last)}`);
}

function instructionIn(place: Exclude<Place, 'applyActions'>, word: Word, context: Context): Instruction[] {
  switch (place) {
    case 'meter':
      return [{ type: 'meter', meterId: numberIn(word.value, 32, 'meter') }];
    case 'clearActions':
      return [{ type: 'clearActions' }];
    case 'writeActions': {
      const actions = context.list(word.value, 'writeActions');
      return actions.length === 0 ? [] : [{ type: 'writeActions', actions }];
    }
    case 'writeMetadata':
      return [{ type: 'writeMetadata', ...metadataIn(word) }];
    case 'gotoTable':
      return [{ type: 'gotoTable', tableId: parseTable(word.value, context.names) }];
  }
}

function metadataIn({ value }: Word): { metadata: bigint; mask: bigint } {
  const slash = textOf(value).indexOf('/');
  if (slash < 0) return { metadata: bigintIn(value, 64, 'metadata'), mask: EVERY_BIT };
  return {
    metadata: bigintIn(part(value, 0, slash), 64, 'metadata'),
    mask: bigintIn(part(value, slash + 1), 64, 'its mask'),
  };
}
