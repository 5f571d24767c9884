// Nicira's messages about flows, whose matches are NXM and whose ports have 16 bits, as Open vSwitch prints them.
import fc from 'fast-check';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { u8, u16, u32, u64 } from '../property/arbitrary.ts';
import {
  FLOW_REMOVED_REASONS,
  factsText,
  flowRemovedReason,
  type MessageKind,
  messageKind,
  optional,
  seconds,
} from './expected.ts';
import { COMMANDS, readFlowMod, readFlowRemoved, withPriority } from './expected-flows.ts';
import { plain } from './printed-text.ts';
import { soundFlow } from './sound-flow.ts';
import { soundMatch } from './sound-match.ts';

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
      reason: flowRemovedReason,
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

export const NICIRA_FLOW_KINDS: Readonly<Record<string, MessageKind>> = { niciraFlowMod, niciraFlowRemoved };
