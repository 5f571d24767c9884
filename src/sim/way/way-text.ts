/** A packet's way in words, a line each: table, flow, app and intent, what conntrack said, where the packet left and as what. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
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

export function formatWay(entries: readonly WayEntry[], names: WayNames = NO_NAMES): string[] {
  return entries.map((entry) => `${'  '.repeat(entry.depth + 1)}${line(entry, names)}`);
}

function line(entry: WayEntry, names: WayNames): string {
  switch (entry.type) {
    case 'begin':
      return entry.again ? 'and goes on:' : 'comes in:';
    case 'table':
      return `${tableText(entry.tableId, names)}: ${flowText(entry, names)}`;
    case 'step':
      return stepText(entry.of);
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
  return name === undefined ? `port ${port}` : `${name} (port ${port})`;
}

function flowText({ flow, isMiss }: { flow: FlowEntry | undefined; isMiss: boolean }, names: WayNames): string {
  if (flow === undefined) return isMiss ? 'no flow matches: the packet is dropped' : 'no flow matches';
  const match = [`priority=${flow.priority}`, formatMatch(flow.match)].filter((part) => part !== '').join(',');
  const why = names.flow(flow);
  return why === undefined ? match : `${why} [${match}]`;
}

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
