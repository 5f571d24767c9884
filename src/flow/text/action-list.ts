/** Lists of actions in ovs-ofctl's text, by one table of kinds and words (ovs-actions(7)). */

import type { Action } from '../../../proto/openflow/action.ts';
import { CHOOSING } from './actions/choosing.ts';
import { ENCAPSULATION } from './actions/encap.ts';
import { FIELDS } from './actions/fields.ts';
import { HEADERS } from './actions/headers.ts';
import type { Context, Headers, Outer, Parser, Printers } from './actions/kinds.ts';
import { LEARN } from './actions/learn.ts';
import { OUTPUT, toPort } from './actions/output.ts';
import { STEERING } from './actions/tables.ts';
import { TRACKING } from './actions/tracking.ts';
import { fault, hint, shortened } from './fault.ts';
import { type KnownNames, portOf } from './port-words.ts';
import { type Slice, sliceOf } from './slice.ts';
import { type Word, words } from './words.ts';

const GROUPS = [OUTPUT, FIELDS, HEADERS, STEERING, TRACKING, LEARN, CHOOSING, ENCAPSULATION];

const PRINTERS: Printers = Object.assign({}, ...GROUPS.map(({ print }) => print));
const PARSERS: ReadonlyMap<string, Parser> = new Map(GROUPS.flatMap(({ parse }) => Object.entries(parse)));

/** Lists inside one another at most; the codec reads twice as many. */
const DEEPEST = 32;

export function formatActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map(formatAction).join(',');
}

function formatAction(action: Action): string {
  const print = PRINTERS[action.type] as ((action: Action, print: typeof formatActions) => string) | undefined;
  return print === undefined ? action.type : print(action, formatActions);
}

export function actionWords(): string[] {
  return [...PARSERS.keys(), 'drop'];
}

/** Reads a list alone, without a match: words that need to know the packet's headers, as mod_tp_dst, are refused. */
export function parseActions(text: string, names: KnownNames = {}): Action[] {
  return listIn(sliceOf(text), contextOf(names, { vlanTags: 0, ipProto: undefined }));
}

export function contextOf(names: KnownNames, headers: Headers, outer: Outer = 'flow', depth = 0): Context {
  return {
    names,
    headers,
    outer,
    depth,
    list: (slice, inner) => {
      if (depth === DEEPEST) throw fault(slice, `more than ${DEEPEST} lists of actions inside one another`);
      return listIn(slice, contextOf(names, { ...headers }, inner, depth + 1));
    },
  };
}

function listIn(slice: Slice, context: Context): Action[] {
  const all = words(slice);
  const found = all.filter((word) => !isDrop(word)).flatMap((word) => parseAction(word, context));
  checkDrop(all);
  return found;
}

/** Drop is no action: it says that there are none. */
export function isDrop({ name }: Word): boolean {
  return name.toLowerCase() === 'drop';
}

export function checkDrop(all: readonly Word[]): void {
  const dropped = all.find(isDrop);
  if (dropped === undefined || all.every(isDrop)) return;
  throw fault(dropped.key, 'drop stands alone: other actions are beside it');
}

/** The actions that one word stands for. */
export function parseAction(word: Word, context: Context): Action[] {
  const parser = PARSERS.get(word.name.toLowerCase());
  if (parser === undefined) {
    if (portOf(word.name, context.names) === undefined) throw noAction(word);
    if (word.sign !== '') throw fault(word.value, 'nothing follows a port');
    return [toPort(word.key, context)];
  }
  const actions = parser(word, context);
  for (const action of actions) checkPlace(word, action, context.outer);
  return actions;
}

/** ct's marks are written inside ct alone, and nothing else is. */
function checkPlace(word: Word, action: Action, outer: Outer): void {
  const target =
    action.type === 'setField' || action.type === 'regLoad2'
      ? action.field
      : action.type === 'regLoad' || action.type === 'regMove'
        ? action.to.field
        : undefined;
  const marks = target === 'ctMark' || target === 'ctLabel';
  if (outer === 'ct' && !marks && action.type !== 'nat') {
    throw fault(word.key, 'ct(exec(…)) sets, loads and moves to ct_mark and ct_label, nothing else');
  }
  if (outer !== 'ct' && marks) throw fault(word.key, `ct_mark and ct_label are written inside ct(exec(…)) only`);
}

/** Of a flow alone, not of the lists in it. */
const INSTRUCTIONS = ['meter', 'clear_actions', 'write_actions', 'write_metadata', 'goto_table'];

function noAction({ key, name }: Word) {
  const word = name.toLowerCase();
  if (word === 'apply_actions') return fault(key, 'actions are applied without apply_actions around them');
  if (INSTRUCTIONS.includes(word)) return fault(key, `${name} can't stand inside an action`);
  return fault(key, `"${shortened(name)}" is no action${hint(name, [...actionWords(), ...INSTRUCTIONS])}`);
}
