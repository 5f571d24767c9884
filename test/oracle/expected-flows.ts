// Flows as Open vSwitch prints them: flow-mod, flow-removed, and the statistics of flows.
import fc from 'fast-check';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { u16, u32, u64 } from '../property/arbitrary.ts';
import {
  count,
  FLOW_REMOVED_REASONS,
  factsText,
  flowRemovedReason,
  type MessageKind,
  matchText,
  messageKind,
  named,
  optional,
  partKind,
  port,
  seconds,
} from './expected.ts';
import type { Facts } from './printed-match.ts';
import { plain } from './printed-text.ts';
import { soundFlow } from './sound-flow.ts';
import { soundMatch } from './sound-match.ts';

const FLAGS = {
  sendFlowRem: 'send_flow_rem',
  checkOverlap: 'check_overlap',
  resetCounts: 'reset_counts',
  noPktCounts: 'no_packet_counts',
  noBytCounts: 'no_byte_counts',
} as const;
const flags = fc.subarray(Object.keys(FLAGS) as (keyof typeof FLAGS)[]);
const flagWords = (some: readonly (keyof typeof FLAGS)[]) => some.map((flag) => FLAGS[flag]);

export function withPriority(facts: Facts, priority: number): Facts {
  return priority === 0x8000 ? facts : new Map([...facts, ['priority', `0x${priority.toString(16)}`]]);
}

export const COMMANDS = {
  add: 'ADD',
  modify: 'MOD',
  modifyStrict: 'MOD_STRICT',
  delete: 'DEL',
  deleteStrict: 'DEL_STRICT',
} as const;

const flowModValue = fc.tuple(
  soundFlow,
  fc.record({
    command: fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])),
    cookie: u64,
    cookieMask: u64,
    tableId: fc.integer({ min: 0, max: 200 }),
    idleTimeout: u16,
    hardTimeout: u16,
    priority: fc.oneof(u16, fc.constant(0x8000)),
    bufferId: fc.oneof(u32, fc.constant(NO_BUFFER)),
    outPort: port,
    outGroup: u32,
    flags,
    importance: u16,
  }),
);

const flowMod = messageKind(
  flowModValue,
  ([{ match, instructions }, head]) => ({
    type: 'flowMod',
    ...head,
    match,
    instructions: head.command.startsWith('delete') ? [] : instructions,
  }),
  ([{ facts, actions }, head]) => {
    const gone = head.command.startsWith('delete');
    const rest = [
      ...(head.command === 'add'
        ? optional(`cookie:${head.cookie}`, head.cookie !== 0n && head.cookie !== 0xffff_ffff_ffff_ffffn)
        : optional(`cookie:${head.cookie}/${head.cookieMask}`, head.cookieMask !== 0n)),
      ...optional(`idle:${head.idleTimeout}`, head.idleTimeout !== 0),
      ...optional(`hard:${head.hardTimeout}`, head.hardTimeout !== 0),
      ...optional(`importance:${head.importance}`, head.importance !== 0 && head.command === 'add'),
      ...optional(`buf:${head.bufferId}`, head.bufferId !== NO_BUFFER),
      ...optional(`out_port:${named(head.outPort)}`, head.outPort !== 'any'),
      ...flagWords(head.flags),
    ];
    const table = head.tableId === 0 ? '' : `table:${head.tableId} `;
    const match = factsText(withPriority(facts, head.priority));
    return `${COMMANDS[head.command]} ${table}${match} ${rest.map(plain).sort().join(' ')} actions=${gone ? 'drop' : actions}`;
  },
  readFlowMod,
);

const NOT_MATCH = new RegExp(`^(cookie:|idle:|hard:|importance:|buf:|out_port:|${Object.values(FLAGS).join('|')})`);

/** `ADD table:1 MATCH WORDS actions=…`; ours has the match in braces. */
export function readFlowMod(text: string): string {
  const [, command, table, middle, actions] = /^(\S+) (table:\d+ )?(.*?) ?actions=(.*)$/s.exec(text.trim()) ?? [];
  if (command === undefined) return text;
  if (middle!.startsWith('{')) return text;
  const tokens = middle!.split(' ').filter((token) => token !== '');
  const match = tokens[0] === undefined || NOT_MATCH.test(tokens[0]) ? '' : tokens.shift()!;
  const rest = tokens.map(plain).sort().join(' ');
  return `${command} ${table ?? ''}${matchText(match)} ${rest} actions=${plain(actions!)}`;
}

const flowRemoved = messageKind(
  fc.tuple(
    soundMatch,
    fc.record({
      cookie: u64,
      priority: u16,
      reason: flowRemovedReason,
      tableId: fc.integer({ min: 0, max: 254 }),
      durationSec: u32,
      durationNsec: u32,
      idleTimeout: u16,
      hardTimeout: u16,
      packetCount: u64,
      byteCount: u64,
    }),
  ),
  ([{ match }, head]) => ({ type: 'flowRemoved', ...head, match }),
  ([{ facts }, head]) =>
    [
      factsText(withPriority(facts, head.priority)),
      `reason=${FLOW_REMOVED_REASONS[head.reason]}`,
      `table_id=${head.tableId}`,
      ...optional(`cookie:0x${head.cookie.toString(16)}`, head.cookie !== 0n),
      `duration${seconds(head)}`,
      `idle${head.idleTimeout}`,
      ...optional(`hard${head.hardTimeout}`, head.hardTimeout !== 0),
      `pkts${head.packetCount}`,
      `bytes${head.byteCount}`,
    ].join(' '),
  readFlowRemoved,
);

/** Its match is all before the reason. */
export function readFlowRemoved(text: string): string {
  return text.trim().replace(/^(?!\{)(.*?) ?(?=reason=)/s, (_, match: string) => `${matchText(match)} `);
}

const flowStats = fc.tuple(
  soundFlow,
  fc.record({
    tableId: fc.integer({ min: 0, max: 200 }),
    durationSec: u32,
    durationNsec: u32,
    priority: u16,
    idleTimeout: u16,
    hardTimeout: u16,
    flags,
    importance: u16,
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
  }),
);

type FlowStats = typeof flowStats extends fc.Arbitrary<infer T> ? T : never;

/** `cookie=…, duration=…, …, MATCH actions=…`. */
function statsText([{ facts, actions }, head]: FlowStats): string {
  const about = [...flagWords(head.flags), ...optional(`importance=${head.importance}`, head.importance !== 0)];
  return [
    plain(`cookie=${head.cookie}`),
    `duration=${seconds(head)}`,
    `table=${head.tableId}`,
    `n_packets=${count(head.packetCount)}`,
    `n_bytes=${count(head.byteCount)}`,
    ...optional(`idle_timeout=${head.idleTimeout}`, head.idleTimeout !== 0),
    ...optional(`hard_timeout=${head.hardTimeout}`, head.hardTimeout !== 0),
    ...optional(about.join(' '), about.length > 0),
  ]
    .join(', ')
    .concat(` ${factsText(withPriority(facts, head.priority))} actions=${actions}`);
}

/** Each flow in a line of its own. */
function readStats(text: string): string {
  if (text.includes('{')) return text;
  const flows = text.trim().split(/\n ?(?=cookie=)/);
  return flows
    .map((flow) => {
      const [, head, match, actions] = /^(.*?)(\S*) actions=(.*)$/s.exec(flow.trim()) ?? [];
      if (head === undefined) return plain(flow);
      return `${plain(head).replace(/,$/, '')} ${matchText(match!)} actions=${plain(actions!)}`;
    })
    .join(' ');
}

const flowReply = partKind(
  'reply',
  'flow',
  fc.array(flowStats, { maxLength: 3 }),
  (flows) => flows.map(statsText).join(' '),
  readStats,
  (flows) => flows.map(([{ match, instructions }, head]) => ({ ...head, match, instructions })),
);

export const FLOW_KINDS: Readonly<Record<string, MessageKind>> = {
  flowMod,
  flowRemoved,
  'multipartReply flow': flowReply,
};
