/** `flowloom plan [FILE]`: what would change, over OVSDB and in flows, by line of the file. Changes nothing. */

import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { LARGEST_PLAN_REQUEST } from '../api/bodies.ts';
import type { NetworkPlan, PlanRequest } from '../api/network-plan.ts';
import { parseConfig, readConfigText } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems, formatWarnings, type Problem } from '../config/problem.ts';
import { type AskFlags, type AskOptions, addAskOptions, askOptions, reach } from './ask.ts';
import { describePlan } from './describe-plan.ts';

export interface PlanOptions extends AskOptions {
  /** The user named a Flowloom to ask: then nobody else is asked. */
  apiGiven: boolean;
}

/** Reads the hosts of a file itself, where no Flowloom runs that could be asked. */
export type PlanWithoutController = (config: Config) => Promise<NetworkPlan>;

/** The exit code: 0, also with changes; 1 where something could not be found out; 2 for a file that cannot be used. */
async function runPlan(
  file: string | undefined,
  options: PlanOptions,
  withoutController: PlanWithoutController,
): Promise<number> {
  let request: PlanRequest | undefined;
  let config: Config | undefined;
  if (file !== undefined) {
    const read = readRequest(file);
    if (!read.ok) return refuse({ ...emptyPlan(file, read.problems), warnings: read.warnings }, options.json);
    ({ request, config } = read);
    if (isTooLarge(request)) return 1;
  }
  const answer = await reach<NetworkPlan>(options, 'plan', request);
  if (answer.ok) return tell(answer.body, options.json);
  if (!answer.unreachable || config === undefined || options.apiGiven) {
    process.stderr.write(`${answer.message}\n`);
    return 1;
  }
  process.stderr.write(`no Flowloom answers at ${options.api}: the hosts of ${file} are read directly\n`);
  return tell(await withoutController(config), options.json);
}

type ReadRequest =
  | { ok: true; request: PlanRequest; config: Config; warnings: Problem[] }
  | { ok: false; problems: Problem[]; warnings: Problem[] };

/** The file, checked here already: its lines are told by the name that the user gave. */
export function readRequest(file: string): ReadRequest {
  const read = readConfigText(file);
  if (!read.ok) return { ok: false, problems: [read.problem], warnings: [] };
  const loaded = parseConfig(read.text, file);
  if (!loaded.ok) return loaded;
  const request = { file, text: read.text, folder: dirname(resolve(file)) };
  return { ok: true, request, config: loaded.config, warnings: loaded.warnings };
}

/** Says so, too. */
export function isTooLarge(request: PlanRequest): boolean {
  const isSo = Buffer.byteLength(JSON.stringify(request)) > LARGEST_PLAN_REQUEST;
  const most = `${LARGEST_PLAN_REQUEST >> 10} KiB`;
  if (isSo) process.stderr.write(`${request.file} is larger than what a plan is made of: ${most}\n`);
  return isSo;
}

function tell(plan: NetworkPlan, json: boolean): number {
  if (plan.problems.length > 0) return refuse(plan, json);
  process.stderr.write(formatWarnings(plan.warnings));
  process.stdout.write(json ? `${JSON.stringify(plan, undefined, 2)}\n` : describePlan(plan));
  return plan.unknown.length > 0 ? 1 : 0;
}

function refuse(plan: NetworkPlan, json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`);
  else process.stderr.write(formatProblems(plan.problems));
  return 2;
}

function emptyPlan(file: string, problems: Problem[]): NetworkPlan {
  return { file, problems, warnings: [], unknown: [], notes: [], hosts: [], switches: [] };
}

export function addPlan(program: Command, withoutController: PlanWithoutController): void {
  const command = program
    .command('plan')
    .description('say what would change if FILE were applied, or what differs from the file in force; changes nothing')
    .argument('[FILE]', 'the network; without it: the file in force');
  addAskOptions(command, 'of the Flowloom that runs; where none does, the hosts of FILE are read directly');
  command.action(async (file: string | undefined, flags: AskFlags, given: Command) => {
    const options = { ...askOptions(flags), apiGiven: given.getOptionValueSource('api') !== 'default' };
    process.exitCode = await runPlan(file, options, withoutController);
  });
}
