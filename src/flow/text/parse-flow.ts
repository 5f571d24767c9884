/** A whole flow in ovs-ofctl's text, as add-flow takes it and dump-flows prints it (ovs-ofctl(8), Flow Syntax). */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import type { Headers } from './actions/kinds.ts';
import { fault, hint, shortened } from './fault.ts';
import { COMMAND_WORDS, DEFAULT_PRIORITY, FLAG_WORDS } from './flow-words.ts';
import { instructionsIn } from './instructions.ts';
import { emptySlots, hasTag, ipProtoOf, type MatchSlots } from './match-slots.ts';
import { bigintIn, numberIn } from './numbers.ts';
import { finishedMatch, matchWords, parseMatchWord } from './parse-match.ts';
import { type KnownNames, parsePort, parseTable } from './port-words.ts';
import { part, type Slice, sliceOf, textOf } from './slice.ts';
import { type Word, words } from './words.ts';

type Command = keyof typeof COMMAND_WORDS;

function inverted<T extends string>(words: Readonly<Record<T, string>>): ReadonlyMap<string, T> {
  return new Map((Object.keys(words) as T[]).map((name) => [words[name], name]));
}

const COMMANDS = inverted(COMMAND_WORDS);
const FLAGS = inverted(FLAG_WORDS);

/** What dump-flows tells of a flow and add-flow has no use for. */
const COUNTERS = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']);
/** Flags of Open vSwitch's own that do not travel. */
const LOCAL_FLAGS = new Set(['no_readonly_table', 'allow_hidden_fields']);

const NUMBERS = {
  priority: 'priority',
  idle_timeout: 'idleTimeout',
  hard_timeout: 'hardTimeout',
  importance: 'importance',
} as const;

const KEYS = ['table', 'cookie', 'out_port', 'out_group', 'actions', ...Object.keys(NUMBERS), ...FLAGS.keys()];

const EVERY_BIT = 0xffff_ffff_ffff_ffffn;

interface Draft {
  mod: FlowMod;
  table?: number | undefined;
  match: MatchSlots;
  flags: Set<FlowMod['flags'][number]>;
}

/**
 * The flow-mod that `ovs-ofctl -O OpenFlow14` sends for the text, which may start with `add`, `modify`, `delete` and
 * the like; raises FlowTextError alone.
 */
export function parseFlow(text: string, names: KnownNames = {}): FlowMod {
  const whole = sliceOf(text);
  const [command, rest] = commandOf(whole);
  const acts = command !== 'delete' && command !== 'deleteStrict';
  const [before, actions] = acts ? splitActions(rest) : [rest, undefined];
  const draft: Draft = { mod: emptyFlow(command), match: emptySlots(), flags: new Set() };
  for (const word of words(before)) parseWord(draft, word, names);
  const { mod, table } = draft;
  mod.flags = [...FLAGS.values()].filter((flag) => draft.flags.has(flag));
  mod.tableId = table === undefined ? (acts ? 0 : 'all') : table;
  mod.match = finishedMatch(draft.match);
  if (actions !== undefined) mod.instructions = instructionsIn(actions, names, headersOf(draft.match));
  return mod;
}

function emptyFlow(command: Command): FlowMod {
  return {
    type: 'flowMod',
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: DEFAULT_PRIORITY,
    bufferId: NO_BUFFER,
    outPort: 'any',
    outGroup: 'any',
    flags: [],
    importance: 0,
    match: {},
    instructions: [],
  };
}

function headersOf(match: MatchSlots): Headers {
  return { vlanTags: hasTag(match) ? 1 : 0, ipProto: ipProtoOf(match) };
}

function commandOf(slice: Slice): [Command, Slice] {
  const found = /^\s*(\w+)(?=\s|$)/.exec(textOf(slice));
  const word = found?.[1];
  const command = word === undefined ? undefined : COMMANDS.get(word);
  return found === null || command === undefined ? ['add', slice] : [command, part(slice, found[0].length)];
}

/** `actions=` ends what comes before it, wherever it stands. */
function splitActions(slice: Slice): [Slice, Slice] {
  const found = /(?:^|[\s,])actions?\s*=/.exec(textOf(slice));
  if (found === null) throw fault(part(slice, slice.end - slice.start), 'actions=… is missing');
  return [part(slice, 0, found.index), part(slice, found.index + found[0].length)];
}

/** Words of a flow that only some commands have a use for. */
const TAKES: ReadonlyMap<string, readonly FlowMod['command'][]> = new Map([
  ['priority', ['add', 'modify', 'modifyStrict', 'deleteStrict']],
  ['idle_timeout', ['add', 'modify', 'modifyStrict']],
  ['hard_timeout', ['add', 'modify', 'modifyStrict']],
  ['importance', ['add']],
  ['out_port', ['delete', 'deleteStrict']],
  ['out_group', ['delete', 'deleteStrict']],
  ['actions', ['add', 'modify', 'modifyStrict']],
]);

function parseWord(draft: Draft, word: Word, names: KnownNames): void {
  const { name, value } = word;
  const { mod } = draft;
  if (TAKES.get(name)?.includes(mod.command) === false) {
    throw fault(word.key, `${commandWord(mod)} has no use for ${name}`);
  }
  const flag = FLAGS.get(name);
  if (flag !== undefined) draft.flags.add(flag);
  else if (LOCAL_FLAGS.has(name) || COUNTERS.has(name)) return;
  else if (Object.hasOwn(NUMBERS, name)) {
    mod[NUMBERS[name as keyof typeof NUMBERS]] = numberIn(value, 16, name);
  } else if (name === 'table') draft.table = tableOf(value, names);
  else if (name === 'cookie') parseCookie(mod, word);
  else if (name === 'out_port') mod.outPort = parsePort(value, names);
  else if (name === 'out_group') mod.outGroup = groupOf(value);
  else if (!parseMatchWord(draft.match, word, names)) throw unknownWord(word);
}

function commandWord({ command }: FlowMod): string {
  return COMMAND_WORDS[command as Command];
}

/** 255 is every table, which a flow that is added does not name. */
function tableOf(slice: Slice, names: KnownNames): number | undefined {
  return textOf(slice) === '255' ? undefined : parseTable(slice, names);
}

function groupOf(slice: Slice): FlowMod['outGroup'] {
  const text = textOf(slice).toLowerCase();
  if (text === 'all' || text === 'any') return text;
  return numberIn(slice, 32, 'out_group');
}

/** Without a mask it is given to a flow that is added, with one it chooses among those that are there. */
function parseCookie(mod: FlowMod, word: Word): void {
  const { value } = word;
  const slash = textOf(value).indexOf('/');
  if (mod.command === 'add') {
    if (slash >= 0) throw fault(part(value, slash), 'a flow that is added has a cookie without a mask');
    mod.cookie = cookieIn(value);
    return;
  }
  if (slash < 0)
    throw fault(value, `${commandWord(mod)} gives no cookie; it chooses flows by one with a mask, as cookie=5/-1`);
  mod.cookieMask = cookieIn(part(value, slash + 1));
  mod.cookie = cookieIn(part(value, 0, slash)) & mod.cookieMask;
}

function cookieIn(slice: Slice): bigint {
  return textOf(slice) === '-1' ? EVERY_BIT : bigintIn(slice, 64, 'a cookie');
}

function unknownWord(word: Word) {
  return fault(
    word.key,
    `"${shortened(word.name)}" is no match field, nor anything else of a flow${hint(word.name, [...KEYS, ...matchWords()])}`,
  );
}
