/** A whole flow in ovs-ofctl's text, as add-flow takes it and dump-flows prints it (ovs-ofctl(8), Flow Syntax). */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { NO_BUFFER } from '../../../proto/openflow/ports.ts';
import type { Headers } from './actions/kinds.ts';
import { hint } from './hint.ts';
import { instructionsIn } from './instructions.ts';
import { emptySlots, hasTag, ipProtoOf, type MatchSlots } from './match-slots.ts';
import { bigintIn, numberIn, shortened } from './numbers.ts';
import { finishedMatch, matchWords, parseMatchWord } from './parse-match.ts';
import { type KnownNames, parsePort, parseTable } from './port-words.ts';
import { fault, part, type Slice, sliceOf, textOf } from './slice.ts';
import { type Word, words } from './words.ts';

/** The commands that a line of ovs-ofctl's add-flows may start with. */
const COMMANDS = {
  add: 'add',
  modify: 'modify',
  modify_strict: 'modifyStrict',
  delete: 'delete',
  delete_strict: 'deleteStrict',
} as const;
type Command = (typeof COMMANDS)[keyof typeof COMMANDS];

const FLAGS = {
  send_flow_rem: 'sendFlowRem',
  check_overlap: 'checkOverlap',
  reset_counts: 'resetCounts',
  no_packet_counts: 'noPktCounts',
  no_byte_counts: 'noBytCounts',
} as const;

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

const KEYS = ['table', 'cookie', 'out_port', 'out_group', 'actions', ...Object.keys(NUMBERS), ...Object.keys(FLAGS)];

const DEFAULT_PRIORITY = 32768;
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
  mod.flags = Object.values(FLAGS).filter((flag) => draft.flags.has(flag));
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
  if (found === null || word === undefined || !Object.hasOwn(COMMANDS, word)) return ['add', slice];
  return [COMMANDS[word as keyof typeof COMMANDS], part(slice, found[0].length)];
}

/** `actions=` ends what comes before it, wherever it stands. */
function splitActions(slice: Slice): [Slice, Slice] {
  const found = /(?:^|[\s,])actions?\s*=/.exec(textOf(slice));
  if (found === null) throw fault(part(slice, slice.end - slice.start), 'what does it do? actions=… is missing');
  return [part(slice, 0, found.index), part(slice, found.index + found[0].length)];
}

/** Words of a flow that only some commands have a use for. */
const TAKES: Readonly<Record<string, readonly Command[]>> = {
  priority: ['add', 'modify', 'modifyStrict', 'deleteStrict'],
  idle_timeout: ['add', 'modify', 'modifyStrict'],
  hard_timeout: ['add', 'modify', 'modifyStrict'],
  importance: ['add'],
  out_port: ['delete', 'deleteStrict'],
  out_group: ['delete', 'deleteStrict'],
};

function parseWord(draft: Draft, word: Word, names: KnownNames): void {
  const { name, value } = word;
  const { mod } = draft;
  if (TAKES[name]?.includes(mod.command as Command) === false) {
    const command = Object.entries(COMMANDS).find(([, each]) => each === mod.command)?.[0];
    throw fault(word.key, `${command} has no use for ${name}`);
  }
  if (Object.hasOwn(FLAGS, name)) draft.flags.add(FLAGS[name as keyof typeof FLAGS]);
  else if (LOCAL_FLAGS.has(name) || COUNTERS.has(name)) return;
  else if (Object.hasOwn(NUMBERS, name)) {
    mod[NUMBERS[name as keyof typeof NUMBERS]] = numberIn(value, 16, name);
  } else if (name === 'table') draft.table = tableOf(value, names);
  else if (name === 'cookie') parseCookie(mod, word);
  else if (name === 'out_port') mod.outPort = parsePort(value, names);
  else if (name === 'out_group') mod.outGroup = groupOf(value);
  else if (!parseMatchWord(draft.match, word, names)) throw unknownWord(word);
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
  if (slash < 0) throw fault(value, 'a cookie chooses among flows by a mask, as cookie=5/-1; it is not changed');
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
