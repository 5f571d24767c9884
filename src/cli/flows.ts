/** `flowloom flows`: every flow with its app, its intent and its counters. */

import type { Command } from 'commander';
import type { FlowStatus } from '../api/snapshot.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions } from './ask.ts';
import { formatTable } from './table.ts';

export async function runFlows(options: AskOptions): Promise<number> {
  const flows = await ask<FlowStatus[]>(options, 'flows');
  if (flows === undefined) return 1;
  if (options.json) process.stdout.write(`${JSON.stringify(flows, undefined, 2)}\n`);
  else process.stdout.write(describeFlows(flows));
  return 0;
}

function describeFlows(flows: FlowStatus[]): string {
  const rows = [...flows]
    .sort((a, b) => a.switch.localeCompare(b.switch) || a.table - b.table || b.priority - a.priority)
    .map((flow) => [
      flow.switch,
      `${flow.table} ${flow.tableName}`,
      String(flow.priority),
      String(flow.packets),
      String(flow.bytes),
      flow.app ?? '(foreign)',
      flow.intent === null ? '' : `${flow.intent}${flow.source === null ? '' : ` (${flow.source})`}`,
      `${flow.match === '' ? 'any' : flow.match} → ${flow.actions}`,
    ]);
  return formatTable([['SWITCH', 'TABLE', 'PRIORITY', 'PACKETS', 'BYTES', 'APP', 'WHY', 'FLOW'], ...rows]);
}

export function addFlows(program: Command): void {
  const command = program.command('flows').description('every flow: whose it is, why it is there, what it counted');
  addAskOptions(command).action(async (flags: AskFlags) => {
    process.exitCode = await runFlows(askOptions(flags));
  });
}
