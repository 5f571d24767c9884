/** Runs labs, two or three at a time where several are wanted, each in namespaces and folders of its own. */
import { cpSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keep } from './keep.ts';
import { type Lab, type LabDefinition, openLab } from './lab.ts';
import type { Progress } from './progress.ts';
import { closeRecord, openRecord, type RunRecord } from './record.ts';
import { haltIfStopping } from './shell.ts';

/** A lab to run. */
export interface Wanted {
  name: string;
  /** `test/lab/NAME`. */
  source: string;
  definition: LabDefinition;
}

/** What came of a lab. */
export interface LabResult {
  name: string;
  passed: number;
  failures: string[];
  seconds: number;
}

export interface RunLabsOptions {
  /** Where logs and captures of a failed lab are kept. */
  results: string;
  /** How many run at once. */
  jobs: number;
  /** The last one stays up. */
  keepLast: boolean;
  progress: Progress;
  /** Those that are in use: to be closed when the run is ended from outside. */
  records: Set<RunRecord>;
}

const LONGEST_MINUTES = 5;

/** As many as there are processors, but two where there is one: a lab waits more than it computes. */
export function usualJobs(): number {
  return Math.min(Math.max(availableParallelism(), 2), 3);
}

/** Those that want to be alone come last, one after the other. The results are in the order of `wanted`. */
export async function runLabs(wanted: readonly Wanted[], options: RunLabsOptions): Promise<LabResult[]> {
  const results = new Map<Wanted, LabResult>();
  const together = wanted.filter(({ definition }) => options.jobs > 1 && definition.alone !== true);
  const alone = wanted.filter((each) => !together.includes(each));
  const take = async (queue: Wanted[]) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results.set(next, await runLab(next, wanted, options));
    }
  };
  const queue = [...together];
  await Promise.all(Array.from({ length: options.jobs }, () => take(queue)));
  await take(alone);
  return wanted.flatMap((each) => results.get(each) ?? []);
}

async function runLab(one: Wanted, wanted: readonly Wanted[], options: RunLabsOptions): Promise<LabResult> {
  const { progress, records } = options;
  const begin = Date.now();
  const record = openRecord(wanted.indexOf(one));
  records.add(record);
  const lab = openLab(record, one.name, one.source, (text) => progress.said(one.name, text));
  try {
    progress.started(lab);
    lab.say(`\n${lab.name}: ${one.definition.title}\n`);
    await untilDone(lab, one.definition);
    const { passed } = lab;
    const failures = [...lab.failures];
    if (failures.length > 0) await saveEvidence(lab, options.results);
    if (options.keepLast && one === wanted.at(-1)) await keep(lab);
    return { name: one.name, passed, failures, seconds: Math.round((Date.now() - begin) / 1000) };
  } finally {
    await closeRecord(record);
    records.delete(record);
    progress.ended(lab);
  }
}

async function untilDone(lab: Lab, definition: LabDefinition): Promise<void> {
  const minutes = definition.minutes ?? LONGEST_MINUTES;
  const bound = new AbortController();
  const tooLong = pause(minutes * 60_000, undefined, { signal: bound.signal }).then(() => {
    throw new Error(`it was not done within ${minutes} minutes`);
  });
  const body = definition.run(lab);
  // Of one that took too long nobody hears the end.
  body.catch(() => undefined);
  try {
    await Promise.race([body, tooLong]);
  } catch (error) {
    await haltIfStopping();
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    lab.failures.push(`the lab could not go on\n${text}`);
    lab.say(`  FAIL  the lab could not go on\n${text.replace(/^/gm, '        ')}\n`);
  } finally {
    tooLong.catch(() => undefined);
    bound.abort();
  }
}

/** Logs, captures and the file, kept for whoever looks into a failure. */
async function saveEvidence(lab: Lab, results: string): Promise<void> {
  for (const gather of lab.onFailure) await gather().catch(() => undefined);
  const target = join(results, lab.name);
  mkdirSync(target, { recursive: true });
  cpSync(lab.folder, target, { recursive: true, filter: (from) => !/\.(sock|ctl|mgmt|snoop)$/.test(from) });
  lab.say(`  logs and captures are kept in test-results/lab/${lab.name}\n`);
}
