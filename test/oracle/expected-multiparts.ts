// Multiparts about flows and about the switch, and the flow messages of Nicira's, as Open vSwitch prints them.
import fc from 'fast-check';
import { NO_BUFFER } from '../../proto/openflow/ports.ts';
import { u8, u16, u32, u64 } from '../property/arbitrary.ts';
import { factsText, type MessageKind, matchText, messageKind, named, partKind, port, seconds } from './expected.ts';
import {
  COMMANDS,
  FLOW_REMOVED_REASONS,
  optional,
  readFlowMod,
  readFlowRemoved,
  soundFlow,
  withPriority,
} from './expected-flows.ts';
import { plain } from './printed-text.ts';
import { soundMatch } from './sound-match.ts';

const tableId = fc.oneof(fc.integer({ min: 0, max: 254 }), fc.constant('all'));

/** Of cookies and groups Open vSwitch prints nothing. */
const statsRequest = (kind: string): MessageKind => {
  const made = partKind(
    'request',
    kind,
    fc.tuple(soundMatch, fc.record({ tableId, outPort: port, outGroup: u32, cookie: u64, cookieMask: u64 })),
    ([{ facts }, head]) =>
      [
        ...optional(`table=${head.tableId}`, head.tableId !== 'all'),
        ...optional(`out_port=${named(head.outPort)}`, head.outPort !== 'any'),
        factsText(facts),
      ].join(' '),
    (text) => {
      const tokens = text.trim().split(/\s+/);
      if (text.includes('{')) return plain(text);
      const known = tokens.filter((token) => /^(flags=|table=|out_port=)/.test(token));
      const rest = tokens.filter((token) => !known.includes(token));
      return plain([...known, matchText(rest.join(','))].join(' '));
    },
  );
  return {
    ...made,
    expectation: made.expectation.map(({ message, text }) => {
      const { request } = message as unknown as { request: [{ match: object }, object] };
      const [{ match }, head] = request;
      return { message: { ...message, request: { ...head, match } } as never, text };
    }),
  };
};

const aggregate = partKind(
  'reply',
  'aggregate',
  fc.record({ packetCount: u64, byteCount: u64, flowCount: u32 }),
  (each) => `packet_count=${each.packetCount} byte_count=${each.byteCount} flow_count=${each.flowCount}`,
);

const text = (size: number) => fc.stringMatching(/^[A-Za-z0-9_./-]*$/, { maxLength: size - 1 });
const desc = partKind(
  'reply',
  'desc',
  fc.record({ mfrDesc: text(256), hwDesc: text(256), swDesc: text(256), serialNum: text(32), dpDesc: text(256) }),
  (each) =>
    [
      `Manufacturer: ${each.mfrDesc}`,
      `Hardware: ${each.hwDesc}`,
      `Software: ${each.swDesc}`,
      `Serial Num: ${each.serialNum}`,
      `DP Description: ${each.dpDesc}`,
    ].join(' '),
);

/** A request without a body; Open vSwitch reads some as for all groups or ports. */
const bodyless = (kind: string, shown = '') => partKind('request', kind, fc.constant({}), () => shown);

const WATCHED = {
  initial: 'initial',
  add: 'add',
  removed: 'delete',
  modify: 'modify',
  instructions: 'actions',
  onlyOwn: 'own',
} as const;

const EVENTFUL = ['add', 'removed', 'modify'] as const;

/** One at a time: `id=…, flags=… out_port=… out_group=… table=… MATCH`. */
const monitorRequest: MessageKind = (() => {
  const made = partKind(
    'request',
    'flowMonitor',
    fc.tuple(
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
        tableId,
      }),
    ),
    ([{ facts }, head]) =>
      [
        `id=${head.monitorId}`,
        `flags=${head.flags.map((flag) => WATCHED[flag]).join(',')}`,
        ...optional(`out_port=${named(head.outPort)}`, head.outPort !== 'any'),
        `out_group=${head.outGroup}`,
        ...optional(`table=${head.tableId}`, head.tableId !== 'all'),
        factsText(facts),
      ].join(' '),
    (printed) => {
      const tokens = printed.trim().split(/\s+/);
      if (printed.includes('{')) return plain(printed);
      const known = tokens.filter((token) => /^(id=|flags=|out_port=|out_group=|table=)/.test(token));
      return plain([...known, matchText(tokens.filter((token) => !known.includes(token)).join(','))].join(' '));
    },
  );
  return {
    ...made,
    expectation: made.expectation.map(({ message, text: shown }) => {
      const { request } = message as unknown as { request: [{ match: object }, object] };
      const [{ match }, head] = request;
      return { message: { ...message, request: [{ ...head, command: 'add', match }] } as never, text: shown };
    }),
  };
})();

const EVENTS = { initial: 'INITIAL', added: 'ADDED', removed: 'DELETED', modified: 'MODIFIED' } as const;

/** One update; its priority is not printed: `event=… [reason=…] table=… [timeouts] cookie=… MATCH actions=…`. */
const monitorReply: MessageKind = (() => {
  const made = partKind(
    'reply',
    'flowMonitor',
    fc.tuple(
      soundFlow,
      fc.record({
        type: fc.constantFrom(...(Object.keys(EVENTS) as (keyof typeof EVENTS)[])),
        tableId: fc.integer({ min: 0, max: 200 }),
        reason: fc.constantFrom(...(Object.keys(FLOW_REMOVED_REASONS) as (keyof typeof FLOW_REMOVED_REASONS)[])),
        idleTimeout: u16,
        hardTimeout: u16,
        priority: u16,
        cookie: u64,
      }),
    ),
    ([{ facts, actions }, head]) => {
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
    },
    (printed) => {
      if (printed.includes('{')) return printed.replace(/cookie=\S+/, (each) => plain(each)).toLowerCase();
      const [, head, cookie, rest] = /^(.*?)(cookie=\S+) ?(.*)$/s.exec(printed.trim().replace(/\s+/g, ' '))!;
      const [match, actions] = rest!.split(/ ?actions=/);
      const done = actions === undefined ? '' : ` actions=${plain(actions)}`;
      return `${plain(head!)} ${plain(cookie!)} ${matchText(match!)}${done}`.toLowerCase();
    },
  );
  return {
    ...made,
    expectation: made.expectation.map(({ message, text: shown }) => {
      const { reply } = message as unknown as {
        reply: [{ match: object; instructions: object }, { type: string; reason: unknown }];
      };
      const [{ match, instructions }, head] = reply;
      const update = {
        ...head,
        reason: head.type === 'removed' ? head.reason : 0,
        match,
        instructions: head.type === 'removed' ? [] : instructions,
      };
      return { message: { ...message, reply: [update] } as never, text: shown };
    }),
  };
})();

/** Its table is not said, its priority always. */
const niciraFlowMod: MessageKind = {
  ...messageKind(
    fc.tuple(
      soundFlow,
      fc.record({
        cookie: u64,
        command: fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])),
        idleTimeout: u16,
        hardTimeout: u16,
        priority: u16,
        bufferId: fc.oneof(u32, fc.constant(NO_BUFFER)),
      }),
    ),
    ([{ match, instructions }, head]) => ({
      type: 'niciraFlowMod',
      ...head,
      outPort: 'none',
      flags: ['sendFlowRem'],
      match,
      instructions: head.command.startsWith('delete') ? [] : instructions,
    }),
    ([{ facts, actions }, head]) => {
      const rest = [
        ...optional(`cookie:${head.cookie}`, head.cookie !== 0n && head.cookie !== 0xffff_ffff_ffff_ffffn),
        ...optional(`idle:${head.idleTimeout}`, head.idleTimeout !== 0),
        ...optional(`hard:${head.hardTimeout}`, head.hardTimeout !== 0),
        ...optional(`buf:${head.bufferId}`, head.bufferId !== NO_BUFFER),
        'send_flow_rem',
      ];
      const match = factsText(withPriority(facts, head.priority));
      const done = head.command.startsWith('delete') ? 'drop' : actions;
      return `${COMMANDS[head.command]} ${match} ${rest.map(plain).sort().join(' ')} actions=${done}`;
    },
    readFlowMod,
  ),
  brief: true,
};

const niciraFlowRemoved = messageKind(
  fc.tuple(
    soundMatch,
    fc.record({
      cookie: u64,
      priority: u16,
      reason: fc.constantFrom(...(Object.keys(FLOW_REMOVED_REASONS) as (keyof typeof FLOW_REMOVED_REASONS)[])),
      tableId: u8,
      durationSec: u32,
      durationNsec: u32,
      idleTimeout: u16,
      packetCount: u64,
      byteCount: u64,
    }),
  ),
  ([{ match }, head]) => ({ type: 'niciraFlowRemoved', ...head, match }),
  ([{ facts }, head]) =>
    [
      factsText(withPriority(facts, head.priority)),
      `reason=${FLOW_REMOVED_REASONS[head.reason]}`,
      ...optional(`table_id=${head.tableId - 1}`, head.tableId !== 0),
      ...optional(`cookie:0x${head.cookie.toString(16)}`, head.cookie !== 0n),
      `duration${seconds(head)}`,
      `idle${head.idleTimeout}`,
      `pkts${head.packetCount}`,
      `bytes${head.byteCount}`,
    ].join(' '),
  readFlowRemoved,
);

export const MULTIPART_KINDS: Readonly<Record<string, MessageKind>> = {
  'multipartRequest desc': bodyless('desc'),
  'multipartReply desc': desc,
  'multipartRequest flow': statsRequest('flow'),
  'multipartRequest aggregate': statsRequest('aggregate'),
  'multipartReply aggregate': aggregate,
  'multipartRequest table': bodyless('table'),
  'multipartRequest groupDesc': bodyless('groupDesc', 'group_id=ALL'),
  'multipartRequest groupFeatures': bodyless('groupFeatures'),
  'multipartRequest meterFeatures': bodyless('meterFeatures'),
  'multipartRequest portDesc': bodyless('portDesc', 'port=ANY'),
  'multipartRequest tableDesc': bodyless('tableDesc'),
  'multipartRequest flowMonitor': monitorRequest,
  'multipartReply flowMonitor': monitorReply,
  niciraFlowMod,
  niciraFlowRemoved,
};
