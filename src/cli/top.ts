/** `flowloom top`: the rules of the file, or the flows, that packets pass now, the busiest first, again each second. */

import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { FlowStatus, RuleStatus } from '../api/snapshot.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions } from './ask.ts';
import { formatTable } from './table.ts';

interface TopFlags extends AskFlags {
  flows?: boolean;
  once?: boolean;
  lines?: number;
}

/** A rule or a flow. */
export type Busy = Pick<RuleStatus, 'id' | 'packets' | 'bytes' | 'packetRate' | 'bitRate'> & {
  what: string;
  why: string;
};

const LOOK_MS = 1000;
/** Of a terminal, besides the rows: titles, and the prompt. */
const BESIDE_ROWS = 3;
const ROWS = 20;
/** Clears the screen and goes to its first line (ECMA-48, ED and CUP). */
const CLEAR = '\u001b[2J\u001b[H';

export async function askBusy(options: AskOptions, flows: boolean): Promise<Busy[] | undefined> {
  if (!flows) {
    const rules = await ask<RuleStatus[]>(options, 'rules');
    if (rules === undefined || rules.length > 0) return rules?.map(ofRule);
  }
  return (await ask<FlowStatus[]>(options, 'flows'))?.map(ofFlow);
}

function ofRule({ id, kind, text, source, ...figures }: RuleStatus): Busy {
  const { packets, bytes, packetRate, bitRate } = figures;
  return { id, what: kind, why: `${text} (${source})`, packets, bytes, packetRate, bitRate };
}

function ofFlow({ id, app, intent, source, match, ...flow }: FlowStatus): Busy {
  const { packets, bytes, packetRate, bitRate } = flow;
  const why = intent === null ? match : `${intent}${source === null ? '' : ` (${source})`}`;
  return {
    id,
    what: `${flow.switch} ${flow.tableName} ${app ?? '(foreign)'}`,
    why,
    packets,
    bytes,
    packetRate,
    bitRate,
  };
}

/** By packets a second, then by packets. */
export function busiest(rows: readonly Busy[], most: number): Busy[] {
  return rows.toSorted((a, b) => b.packetRate - a.packetRate || b.packets - a.packets).slice(0, most);
}

/** With `seconds`: rates are of the time since `before`, which is what a person sees pass. */
export function withRates(before: ReadonlyMap<string, Busy>, now: readonly Busy[], seconds: number): Busy[] {
  return now.map((row) => {
    const then = before.get(row.id);
    if (then === undefined || seconds <= 0) return row;
    const rate = (one: number, other: number) => Math.max(0, one - other) / seconds;
    return {
      ...row,
      packetRate: rate(row.packets, then.packets),
      bitRate: rate(row.bytes, then.bytes) * 8,
    };
  });
}

export function describeTop(rows: readonly Busy[]): string {
  return formatTable([
    ['PACKETS/S', 'BIT/S', 'PACKETS', 'BYTES', '', 'WHY'],
    ...rows.map(({ packetRate, bitRate, packets, bytes, what, why }) => [
      packetRate.toFixed(1),
      Math.round(bitRate).toString(),
      String(packets),
      String(bytes),
      what,
      why,
    ]),
  ]);
}

async function runTop(options: AskOptions, { flows = false, once = false, lines }: TopFlags): Promise<number> {
  let before = new Map<string, Busy>();
  let at = 0;
  for (let round = 0; ; round++) {
    const now = await askBusy(options, flows);
    if (now === undefined) return 1;
    const asked = performance.now();
    const rated = round === 0 ? now : withRates(before, now, (asked - at) / 1000);
    // A rate wants two looks.
    if (!once || round > 0) print(rated, options.json, lines);
    if (once && round > 0) return 0;
    before = new Map(now.map((row) => [row.id, row]));
    at = asked;
    await setTimeout(LOOK_MS);
  }
}

function print(rows: readonly Busy[], json: boolean, lines: number | undefined): void {
  const { isTTY, rows: height } = process.stdout;
  const most = lines ?? (isTTY ? Math.max(1, (height ?? ROWS) - BESIDE_ROWS) : ROWS);
  const shown = busiest(rows, json && lines === undefined ? rows.length : most);
  if (json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else process.stdout.write(`${isTTY ? CLEAR : ''}${describeTop(shown)}${isTTY ? '' : '\n'}`);
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a number of lines, like 20.');
}

export function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('rules by packets a second, the busiest first, again each second; of a file without rules, flows')
    .option('--flows', 'flows, also where there are rules')
    .option('--once', 'one table, of one second, and an end')
    .option('--lines <n>', 'so many, whatever the terminal holds', count);
  addAskOptions(command).action(async (flags: TopFlags) => {
    process.exitCode = await runTop(askOptions(flags), flags);
  });
}
