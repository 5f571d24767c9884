// Flows as Open vSwitch prints them: flow-mod, flow-removed, and the statistics of flows.
import fc from 'fast-check';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { NO_BUFFER } from '../../proto/openflow/ports.ts';
import { u16, u32, u64 } from '../property/arbitrary.ts';
import { SETTINGS, type Setting, type SoundAction } from './action-kind.ts';
import {
  count,
  factsText,
  type MessageKind,
  matchText,
  messageKind,
  named,
  partKind,
  port,
  seconds,
} from './expected.ts';
import { type Facts, readMatch } from './printed-match.ts';
import { plain } from './printed-text.ts';
import { actionSet, soundActions } from './sound-action.ts';
import { soundMatch } from './sound-match.ts';

/** A match, what a flow with it does, and how both are printed. */
export interface SoundFlow {
  match: Match;
  facts: Facts;
  instructions: Instruction[];
  actions: string;
}

const settings = fc.constantFrom(...(Object.keys(SETTINGS) as Setting[]));

/** Of a setting all that is known is its match: its facts are read from how ovs-ofctl would write it. */
const SETTING_TEXT: Readonly<Record<Setting, string>> = {
  any: '',
  tcp: 'tcp',
  tcp6: 'tcp6',
  arp: 'arp',
  udp: 'udp',
  icmp: 'icmp',
  solicitation: 'icmp6,icmp_type=135,icmp_code=0',
  mpls: 'mpls',
  nsh: 'dl_type=0x894f',
  vlan: 'dl_vlan=100',
  tracked: 'ct_state=+est+trk,ip',
};

interface Doing {
  match: Match;
  facts: Facts;
  actions: SoundAction[];
  written: SoundAction[];
}

const doing: fc.Arbitrary<Doing> = fc.oneof(
  fc
    .tuple(soundMatch, soundActions('any', true), actionSet('any'))
    .map(([{ match, facts }, actions, written]) => ({ match, facts, actions, written })),
  settings.chain((setting) =>
    fc.tuple(soundActions(setting), actionSet(setting)).map(([actions, written]) => ({
      match: SETTINGS[setting] as Match,
      facts: readMatch(SETTING_TEXT[setting]),
      actions,
      written,
    })),
  ),
);

/** All instructions, some of them, or actions alone: a flow of `conjunction` may have no other. */
export const soundFlow = fc
  .tuple(
    doing,
    fc.subarray(['meter', 'clearActions', 'writeActions', 'writeMetadata']),
    fc.integer({ min: 1, max: 0xffff_0000 }),
    u64,
    u64,
    fc.option(fc.integer({ min: 201, max: 254 }), { nil: undefined }),
  )
  .map(([{ match, facts, actions, written }, chosen, meterId, metadata, mask, gotoTable]): SoundFlow => {
    const strict = actions.some(({ action }) => ['conjunction', 'writeMetadata', 'popMpls'].includes(action.type));
    const has = (type: string) => !strict && chosen.includes(type);
    const instructions: Instruction[] = [];
    const texts: string[] = [];
    const add = (instruction: Instruction, text: string) => {
      instructions.push(instruction);
      texts.push(text);
    };
    if (has('meter')) add({ type: 'meter', meterId }, `meter:${meterId}`);
    if (actions.length > 0) {
      add(
        { type: 'applyActions', actions: actions.map(({ action }) => action) },
        actions.map((each) => each.text).join(),
      );
    }
    if (has('clearActions')) add({ type: 'clearActions' }, 'clear_actions');
    if (has('writeActions')) {
      const inner = written.map((each) => each.text).join(',');
      add({ type: 'writeActions', actions: written.map(({ action }) => action) }, `write_actions(${inner})`);
    }
    if (has('writeMetadata')) {
      const whole = mask === 0xffff_ffff_ffff_ffffn ? '' : `/${mask}`;
      add({ type: 'writeMetadata', metadata, mask }, `write_metadata:${metadata}${whole}`);
    }
    if (!strict && gotoTable !== undefined) add({ type: 'gotoTable', tableId: gotoTable }, `goto_table:${gotoTable}`);
    return { match, facts, instructions, actions: texts.length === 0 ? 'drop' : plain(texts.join(',')) };
  });

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
export const optional = (text: string, wanted: boolean) => (wanted ? [text] : []);

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

export const FLOW_REMOVED_REASONS = {
  idleTimeout: 'idle',
  hardTimeout: 'hard',
  delete: 'delete',
  groupDelete: 'group_delete',
  meterDelete: 'meter_delete',
  eviction: 'eviction',
} as const;
type Reason = keyof typeof FLOW_REMOVED_REASONS;

const flowRemoved = messageKind(
  fc.tuple(
    soundMatch,
    fc.record({
      cookie: u64,
      priority: u16,
      reason: fc.constantFrom(...(Object.keys(FLOW_REMOVED_REASONS) as Reason[])),
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

/** One at a time: `cookie=…, duration=…, …, MATCH actions=…`. */
const flowReply = partKind(
  'reply',
  'flow',
  flowStats,
  ([{ facts, actions }, head]) =>
    [
      `cookie=${head.cookie}`,
      `duration=${seconds(head)}`,
      `table=${head.tableId}`,
      `n_packets=${count(head.packetCount)}`,
      `n_bytes=${count(head.byteCount)}`,
      ...optional(`idle_timeout=${head.idleTimeout}`, head.idleTimeout !== 0),
      ...optional(`hard_timeout=${head.hardTimeout}`, head.hardTimeout !== 0),
      ...optional(
        [...flagWords(head.flags), ...optional(`importance=${head.importance}`, head.importance !== 0)].join(' '),
        head.flags.length > 0 || head.importance !== 0,
      ),
    ]
      .join(', ')
      .concat(` ${factsText(withPriority(facts, head.priority))} actions=${actions}`),
  (text) => {
    if (text.includes('{')) return text.replace(/cookie=\d+/, (each) => plain(each));
    const [, head, match, actions] = /^(.*?)(\S*) actions=(.*)$/s.exec(text.trim())!;
    return `${plain(head!).replace(/,$/, '')} ${matchText(match!)} actions=${plain(actions!)}`;
  },
);
const oneFlow: MessageKind = {
  ...flowReply,
  expectation: flowReply.expectation.map(({ message, text }) => {
    const reply = message as unknown as { reply: [SoundFlow, object] };
    const [{ match, instructions }, head] = reply.reply;
    return { message: { ...message, reply: [{ ...head, match, instructions }] } as never, text };
  }),
};

export const FLOW_KINDS: Readonly<Record<string, MessageKind>> = {
  flowMod,
  flowRemoved,
  'multipartReply flow': oneFlow,
};
