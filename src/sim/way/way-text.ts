/** A packet's way in words, a line each: table, flow, app and intent, what conntrack said, where the packet left and as what. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { formatActions } from '../../flow/text/action-list.ts';
import { FLAG_FIELDS, formatFlags } from '../../flow/text/flag-words.ts';
import { formatMatch } from '../../flow/text/format-match.ts';
import { formatInstructions } from '../../flow/text/instructions.ts';
import { describePacket } from '../../packet/describe.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import type { WayEntry } from './way.ts';

/** What is known of numbers beside the switch. */
export interface WayNames {
  /** `topology/admit`, say; undefined: nobody's that is known. */
  table(tableId: number): string | undefined;
  /** Why a flow is there: `firewall: block telnet (flowloom.yaml:12)`. */
  flow(flow: FlowEntry): string | undefined;
  port(portNo: number): string | undefined;
}

export const NO_NAMES: WayNames = { table: () => undefined, flow: () => undefined, port: () => undefined };

/** What `goto_table` leads to stands below its flow, not inside of it: most ways have no other steps than these. */
export function formatWay(entries: readonly WayEntry[], names: WayNames = NO_NAMES): string[] {
  /** Depths at which a flow went on to another table. */
  let wentOn: number[] = [];
  const lines: string[] = [];
  for (const entry of entries) {
    wentOn = wentOn.filter((depth) => depth <= entry.depth);
    if (entry.type === 'step' && entry.of.type === 'gotoTable') wentOn.push(entry.depth);
    const text = line(entry, names);
    if (text !== undefined) lines.push(`${'  '.repeat(entry.depth + 1 - wentOn.length)}${shortened(text)}`);
  }
  return lines;
}

/** Of `learn`, say, the rest tells little. */
const LONGEST = 240;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** undefined: the next line says it. */
function line(entry: WayEntry, names: WayNames): string | undefined {
  switch (entry.type) {
    case 'begin':
      return entry.again ? 'and goes on:' : undefined;
    case 'table':
      return `${tableText(entry.tableId, names)}: ${flowText(entry, names)}`;
    case 'step':
      return SAID_ELSEWHERE.has(entry.of.type) ? undefined : stepText(entry.of);
    case 'note':
      return `(${entry.text})`;
    case 'output':
      return `⇒ leaves by ${portText(entry.port, names)}: ${describePacket(entry.frame)}`;
    case 'tracked':
      return `conntrack, zone ${entry.zone}: ${formatFlags(FLAG_FIELDS.ctState, entry.state)}`;
    case 'controller':
      return `⇒ goes to the controller (${entry.reason})`;
  }
}

export function tableText(tableId: number, names: WayNames): string {
  const name = names.table(tableId);
  return name === undefined ? `table ${tableId}` : `table ${tableId} ${name}`;
}

function portText(port: number, names: WayNames): string {
  const name = names.port(port);
  const number = port === RESERVED_PORTS.local ? 'LOCAL' : `port ${port}`;
  return name === undefined ? number : `${name} (${number})`;
}

function flowText({ flow, isMiss }: { flow: FlowEntry | undefined; isMiss: boolean }, names: WayNames): string {
  if (flow === undefined) return isMiss ? 'no flow matches: the packet is dropped' : 'no flow matches';
  const match = [`priority=${flow.priority}`, formatMatch(flow.match)].filter((part) => part !== '').join(',');
  const why = names.flow(flow);
  const text = why === undefined ? match : `${why} [${match}]`;
  return flow.instructions.length === 0 ? `${text}: drop` : text;
}

/** The next table's line says the one; the other says nothing to the switch. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['gotoTable', 'note']);

const INSTRUCTIONS: ReadonlySet<string> = new Set([
  'gotoTable',
  'writeMetadata',
  'writeActions',
  'clearActions',
  'meter',
]);

function stepText(of: Action | Instruction): string {
  // Of `writeMetadata`, which is both, either text is the same.
  if (INSTRUCTIONS.has(of.type)) return formatInstructions([of as Instruction]);
  return formatActions([of as Action]);
}
