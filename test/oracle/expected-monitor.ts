// Flow monitors as Open vSwitch prints them: what is watched, and what happened.
import fc from 'fast-check';
import { u16, u32, u64 } from '../property/arbitrary.ts';
import {
  FLOW_REMOVED_REASONS,
  factsText,
  flowRemovedReason,
  type MessageKind,
  matchText,
  named,
  optional,
  partKind,
  port,
  readMatchAfter,
} from './expected.ts';
import { plain } from './printed-text.ts';
import { soundFlow } from './sound-flow.ts';
import { soundMatch } from './sound-match.ts';

const WATCHED = {
  initial: 'initial',
  add: 'add',
  removed: 'delete',
  modify: 'modify',
  instructions: 'actions',
  onlyOwn: 'own',
} as const;

const EVENTFUL = ['add', 'removed', 'modify'] as const;

const watch = fc.tuple(
  soundMatch,
  fc.record({
    monitorId: u32,
    outPort: port,
    // Printed with a sign.
    outGroup: fc.integer({ min: 0, max: 0x7fff_ffff }),
    // One that asks for no event is refused.
    flags: fc
      .subarray(Object.keys(WATCHED) as (keyof typeof WATCHED)[])
      .filter((some) => EVENTFUL.some((each) => some.includes(each))),
    tableId: fc.oneof(fc.integer({ min: 0, max: 254 }), fc.constant('all')),
  }),
);

/** `id=… flags=… out_port=… out_group=… table=… MATCH`, one at a time. */
const monitorRequest = partKind(
  'request',
  'flowMonitor',
  watch,
  ([{ facts }, head]) =>
    [
      `id=${head.monitorId}`,
      `flags=${head.flags.map((flag) => WATCHED[flag]).join(',')}`,
      ...optional(`out_port=${named(head.outPort)}`, head.outPort !== 'any'),
      ...optional(`out_group=${head.outGroup}`, head.outGroup !== 0),
      ...optional(`table=${head.tableId}`, head.tableId !== 'all'),
      factsText(facts),
    ].join(' '),
  (text) => readMatchAfter(text, /^(id=|flags=|out_port=|out_group=|table=)/),
  ([{ match }, head]) => [{ ...head, command: 'add', match }],
);

const EVENTS = { initial: 'INITIAL', added: 'ADDED', removed: 'DELETED', modified: 'MODIFIED' } as const;

const update = fc.tuple(
  soundFlow,
  fc.record({
    type: fc.constantFrom(...(Object.keys(EVENTS) as (keyof typeof EVENTS)[])),
    tableId: fc.integer({ min: 0, max: 200 }),
    reason: flowRemovedReason,
    idleTimeout: u16,
    hardTimeout: u16,
    priority: u16,
    cookie: u64,
  }),
);
type Update = typeof update extends fc.Arbitrary<infer T> ? T : never;

/** Its priority is not printed. */
function updateText([{ facts, actions }, head]: Update): string {
  const gone = head.type === 'removed';
  return [
    `event=${EVENTS[head.type]}`,
    ...optional(`reason=${FLOW_REMOVED_REASONS[head.reason]}`, gone),
    `table=${head.tableId}`,
    ...optional(`idle_timeout=${head.idleTimeout}`, head.idleTimeout !== 0),
    ...optional(`hard_timeout=${head.hardTimeout}`, head.hardTimeout !== 0),
    `cookie=${head.cookie}`,
    factsText(facts),
    ...optional(`actions=${actions}`, !gone && actions !== 'drop'),
  ].join(' ');
}

/** Each update in a line of its own: words, match, actions. */
function readUpdates(text: string): string {
  if (text.includes('{')) return text.toLowerCase();
  return text
    .trim()
    .split(/\n ?(?=event=)/)
    .map((line) => {
      const [, head, rest] = /^(.*?cookie=\S+) ?(.*)$/s.exec(line) ?? [];
      if (head === undefined) return plain(line);
      const [match, actions] = rest!.trim().split(/ ?actions=/);
      return `${plain(head)} ${matchText(match!)}${actions === undefined ? '' : ` actions=${plain(actions)}`}`;
    })
    .join(' ')
    .toLowerCase();
}

const monitorReply = partKind(
  'reply',
  'flowMonitor',
  fc.array(update, { maxLength: 3 }),
  (updates) => updates.map(updateText).join(' '),
  readUpdates,
  (updates) =>
    updates.map(([{ match, instructions }, head]) => ({
      ...head,
      reason: head.type === 'removed' ? head.reason : 0,
      match,
      instructions: head.type === 'removed' ? [] : instructions,
    })),
);

export const MONITOR_KINDS: Readonly<Record<string, MessageKind>> = {
  'multipartRequest flowMonitor': monitorRequest,
  'multipartReply flowMonitor': monitorReply,
};
