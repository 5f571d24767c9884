/** `flowloom flows`: every flow with its app, its intent and its counters; `--follow`: what changes and what counts. */

import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { FlowStatus } from '../api/snapshot.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions, reach } from './ask.ts';
import { formatTable } from './table.ts';

interface FlowsFlags extends AskFlags {
  app?: string;
  switch?: string;
  intent?: string;
  follow?: boolean;
}

const LOOK_MS = 1000;

async function runFlows(options: AskOptions, path: string): Promise<number> {
  const flows = await ask<FlowStatus[]>(options, path);
  if (flows === undefined) return 1;
  if (options.json) process.stdout.write(`${JSON.stringify(flows, undefined, 2)}\n`);
  else process.stdout.write(describeFlows(flows));
  return 0;
}

/** Until it is interrupted, or nothing answers any more. */
async function followFlows(options: AskOptions, path: string): Promise<number> {
  let before: ReadonlyMap<string, FlowStatus> | undefined;
  for (;;) {
    const answer = await reach<FlowStatus[]>(options, path);
    // An app or a switch that was there may go, and come again.
    const isGone = !answer.ok && before !== undefined && answer.code?.startsWith('unknown-') === true;
    if (!answer.ok && !isGone) {
      const gone = before !== undefined && answer.unreachable;
      process.stderr.write(gone ? `the Flowloom at ${options.api} answers no more\n` : `${answer.message}\n`);
      return 1;
    }
    const flows = answer.ok ? answer.body : [];
    const now = new Map(flows.map((flow) => [flow.id, flow]));
    const time = new Date().toTimeString().slice(0, 8);
    for (const change of before === undefined ? [] : flowChanges(before, now)) {
      const line = options.json ? JSON.stringify(change) : `${time}  ${describeChange(change)}`;
      process.stdout.write(`${line}\n`);
    }
    if (before === undefined && !options.json) process.stderr.write(`${flows.length} flows; what changes follows\n`);
    before = now;
    await setTimeout(LOOK_MS);
  }
}

export interface FollowedChange {
  change: 'added' | 'removed' | 'changed' | 'counted';
  flow: FlowStatus;
  /** Since the last look. */
  packets: number;
  bytes: number;
}

export function flowChanges(
  before: ReadonlyMap<string, FlowStatus>,
  now: ReadonlyMap<string, FlowStatus>,
): FollowedChange[] {
  const changes: FollowedChange[] = [];
  for (const [id, flow] of now) {
    const then = before.get(id);
    const packets = flow.packets - (then?.packets ?? 0);
    const bytes = flow.bytes - (then?.bytes ?? 0);
    if (then === undefined) changes.push({ change: 'added', flow, packets, bytes });
    else if (flow.actions !== then.actions || flow.cookie !== then.cookie)
      changes.push({ change: 'changed', flow, packets, bytes });
    else if (packets !== 0) changes.push({ change: 'counted', flow, packets, bytes });
  }
  for (const [id, flow] of before) if (!now.has(id)) changes.push({ change: 'removed', flow, packets: 0, bytes: 0 });
  return changes;
}

function describeChange({ change, flow, packets, bytes }: FollowedChange): string {
  const sign = { added: '+', removed: '-', changed: '~', counted: ' ' }[change];
  const counted = packets > 0 ? `+${packets} packets, +${bytes} bytes` : '';
  const [, table, priority, , , app, why, text] = rowOf(flow);
  return [`${sign} ${flow.switch}`, table, priority, counted, app, why, text].filter((word) => word !== '').join('  ');
}

function describeFlows(flows: FlowStatus[]): string {
  const rows = [...flows]
    .sort((a, b) => a.switch.localeCompare(b.switch) || a.table - b.table || b.priority - a.priority)
    .map(rowOf);
  return formatTable([['SWITCH', 'TABLE', 'PRIORITY', 'PACKETS', 'BYTES', 'APP', 'WHY', 'FLOW'], ...rows]);
}

function rowOf(flow: FlowStatus): string[] {
  return [
    flow.switch,
    `${flow.table} ${flow.tableName}`,
    String(flow.priority),
    String(flow.packets),
    String(flow.bytes),
    flow.app ?? '(foreign)',
    flow.intent === null ? '' : `${flow.intent}${flow.source === null ? '' : ` (${flow.source})`}`,
    `${flow.match === '' ? 'any' : flow.match} → ${flow.actions}`,
  ];
}

export function addFlows(program: Command): void {
  const command = program
    .command('flows')
    .description('every flow: whose it is, why it is there, what it counted')
    .option('--app <name>', 'only those of this app')
    .option('--switch <name>', 'only those of this switch, by name (hv1/br0) or datapath id')
    .option('--intent <text>', 'only those whose intent, or its line of the file, has this in it')
    .option('--follow', 'tell each second what was added, changed, removed, and what counted; until Ctrl-C');
  addAskOptions(command).action(async (flags: FlowsFlags) => {
    const { app, switch: name, intent } = flags;
    const wanted = Object.entries({ app, switch: name, intent }).filter((each) => each[1] !== undefined);
    const query = new URLSearchParams(wanted as [string, string][]).toString();
    const path = query === '' ? 'flows' : `flows?${query}`;
    const options = askOptions(flags);
    process.exitCode = flags.follow === true ? await followFlows(options, path) : await runFlows(options, path);
  });
}
