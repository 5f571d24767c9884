/** Whole flows as ovs-ofctl prints them: flow-mods, lines of dump-flows, and what add-flow takes. */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { FlowStats } from '../../../proto/openflow/flow-stats.ts';
import { COMMAND_WORDS, DEFAULT_PRIORITY, FLAG_WORDS } from './flow-words.ts';
import { formatMatch } from './format-match.ts';
import { formatInstructions } from './instructions.ts';
import { hex, hexOrZero } from './numbers.ts';
import { formatPort } from './port-words.ts';

/** As a cookie it says "as it was" to ovs-ofctl. */
const EVERY_BIT = 0xffff_ffff_ffff_ffffn;

/** As ofp-print shows commands. */
const COMMANDS = {
  add: 'ADD',
  modify: 'MOD',
  modifyStrict: 'MOD_STRICT',
  delete: 'DEL',
  deleteStrict: 'DEL_STRICT',
} as const;

function flagWords(flags: FlowMod['flags']): string[] {
  return flags.map((flag) => (typeof flag === 'number' ? hex(flag) : FLAG_WORDS[flag]));
}

/** The match, with its priority in front where it is not the usual one. */
function chosen(priority: number, match: FlowMod['match']): string {
  const parts = [priority === DEFAULT_PRIORITY ? '' : `priority=${priority}`, formatMatch(match)];
  return parts.filter((part) => part !== '').join(',');
}

/** A flow-mod as `ovs-ofctl ofp-print` shows it, behind the message's name. */
export function formatFlowMod(mod: FlowMod): string {
  const { command, tableId, cookie, cookieMask } = mod;
  const parts: string[] = [typeof command === 'number' ? String(command) : COMMANDS[command]];
  if (tableId !== 0) parts.push(`table:${tableId === 'all' ? 255 : tableId}`);
  parts.push(chosen(mod.priority, mod.match));
  const modifies = command === 'modify' || command === 'modifyStrict';
  if (cookieMask !== 0n) parts.push(`cookie:${hex(cookie)}/${hex(cookieMask)}`);
  else if (cookie !== 0n && cookie !== EVERY_BIT && !modifies) parts.push(`cookie:${hex(cookie)}`);
  if (mod.idleTimeout !== 0) parts.push(`idle:${mod.idleTimeout}`);
  if (mod.hardTimeout !== 0) parts.push(`hard:${mod.hardTimeout}`);
  if (mod.importance !== 0) parts.push(`importance:${mod.importance}`);
  if (mod.outPort !== 'any') parts.push(`out_port:${formatPort(mod.outPort)}`);
  parts.push(...flagWords(mod.flags), `actions=${formatInstructions(mod.instructions)}`);
  return parts.filter((part) => part !== '').join(' ');
}

/** What add-flows takes, and parseFlow: it gives the same flow-mod again. */
export function formatFlow(mod: FlowMod): string {
  const { command, cookie, cookieMask, tableId } = mod;
  const parts: string[] = [];
  const deletes = command === 'delete' || command === 'deleteStrict';
  if (cookieMask !== 0n) parts.push(`cookie=${hexOrZero(cookie)}/${hexOrZero(cookieMask)}`);
  else if (cookie !== 0n) parts.push(`cookie=${hexOrZero(cookie)}`);
  if (tableId !== 'all' && (tableId !== 0 || deletes)) parts.push(`table=${tableId}`);
  if (mod.idleTimeout !== 0) parts.push(`idle_timeout=${mod.idleTimeout}`);
  if (mod.hardTimeout !== 0) parts.push(`hard_timeout=${mod.hardTimeout}`);
  if (mod.importance !== 0) parts.push(`importance=${mod.importance}`);
  if (mod.outPort !== 'any') parts.push(`out_port=${formatPort(mod.outPort)}`);
  if (mod.outGroup !== 'any') parts.push(`out_group=${mod.outGroup}`);
  parts.push(...flagWords(mod.flags), chosen(mod.priority, mod.match));
  const before = parts.filter((part) => part !== '').join(',');
  const words = typeof command === 'number' || command === 'add' ? [] : [COMMAND_WORDS[command]];
  if (before !== '') words.push(before);
  if (!deletes) words.push(`actions=${formatInstructions(mod.instructions)}`);
  return words.join(' ');
}

/** One line of dump-flows. */
export function formatFlowStats(flow: FlowStats): string {
  const numbers = [
    `cookie=${hex(flow.cookie)}`,
    `duration=${duration(flow)}`,
    `table=${flow.tableId}`,
    `n_packets=${flow.packetCount}`,
    `n_bytes=${flow.byteCount}`,
  ];
  if (flow.idleTimeout !== 0) numbers.push(`idle_timeout=${flow.idleTimeout}`);
  if (flow.hardTimeout !== 0) numbers.push(`hard_timeout=${flow.hardTimeout}`);
  const importance = flow.importance === 0 ? [] : [`importance=${flow.importance},`];
  const match = chosen(flow.priority, flow.match);
  const words = [
    ...numbers.map((number) => `${number},`),
    ...flagWords(flow.flags),
    ...importance,
    ...(match === '' ? [] : [match]),
    `actions=${formatInstructions(flow.instructions)}`,
  ];
  return words.join(' ');
}

/** Three decimals where milliseconds are exact, else as many as it takes: `5.030s`, `5.12345678s`. */
function duration({ durationSec, durationNsec }: FlowStats): string {
  if (durationNsec === 0) return `${durationSec}s`;
  const decimals = String(durationNsec).padStart(9, '0');
  return `${durationSec}.${decimals.endsWith('000000') ? decimals.slice(0, 3) : decimals.replace(/0+$/, '')}s`;
}
