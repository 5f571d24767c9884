// `npm run lab [-- NAME…|--all|--list|--keep|--jobs N]`: networks on real Open vSwitch in namespaces, PASS or FAIL per check.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '../support/compile-cache.ts';
import { tellTotal } from '../total.ts';
import type { LabDefinition } from './support/lab.ts';
import { openProgress } from './support/progress.ts';
import { cleanAfterKilledRuns, closeRecord, type RunRecord } from './support/record.ts';
import { runLabs, usualJobs } from './support/run-labs.ts';
import { run, stopRunning } from './support/shell.ts';
import { summary } from './support/summary.ts';

const home = dirname(fileURLToPath(import.meta.url));
const results = join(home, '..', '..', 'test-results', 'lab');

/** In the order from the plainest to the richest; others follow by name. */
const ORDER = [
  'first-flows',
  'bridge',
  'vlan',
  'vxlan',
  'vxlan-mesh',
  'ports',
  'mirrors',
  'ring',
  'virtual-router',
  'router-errors',
  'netns-nat',
  'host-only',
  'libvirt-nat',
  'poor-man',
  'rich-man',
  'shorewall-two-interface',
  'bridged-public',
  'host-guard',
  'mininet',
  'kill',
];
const USAGE = 'usage: npm run lab [-- NAME…|--all|--list|--keep|--jobs N]';

function labNames(): string[] {
  const found = readdirSync(home).filter((name) => name !== 'support' && existsSync(join(home, name, 'lab.ts')));
  return [...ORDER.filter((name) => found.includes(name)), ...found.filter((name) => !ORDER.includes(name)).sort()];
}

async function load(name: string): Promise<LabDefinition> {
  return ((await import(`./${name}/lab.ts`)) as { lab: LabDefinition }).lab;
}

async function main(words: string[]): Promise<number> {
  const all = labNames();
  let given: ReturnType<typeof read>;
  try {
    given = read(words);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), all);
  }
  const { values, positionals: named } = given;
  const unknown = named.find((name) => !all.includes(name));
  if (unknown !== undefined) return refuse(`${unknown} is not known here`, all);
  if (values.all === true && named.length > 0) return refuse('give names or --all, not both', all);
  if (values.jobs !== undefined && !/^[1-9]$/.test(values.jobs)) {
    return refuse(`--jobs ${values.jobs}: say how many run at once, 1 to 9`, all);
  }
  if (values.list === true) {
    const width = Math.max(...all.map(({ length }) => length)) + 2;
    for (const name of all) process.stdout.write(`${name.padEnd(width)}${(await load(name)).title}\n`);
    return 0;
  }
  const problem = await whatIsMissing();
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 2;
  }
  const keepLast = values.keep === true;
  // What stays up for somebody to look at is not to be mixed with others.
  const jobs = keepLast ? 1 : Number(values.jobs ?? usualJobs());
  return runAll(named.length === 0 ? all : [...new Set(named)], jobs, keepLast);
}

function read(args: string[]) {
  const flag = { type: 'boolean' } as const;
  const options = { all: flag, list: flag, keep: flag, jobs: { type: 'string' } } as const;
  return parseArgs({ args, allowPositionals: true, options });
}

function refuse(what: string, all: string[]): number {
  process.stderr.write(`${what}\n${USAGE}\nlabs: ${all.join(', ')}\n`);
  return 2;
}

/** `npm run lab` sets everything up before this; what is said here is for machines where that could not help. */
async function whatIsMissing(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'the labs must be run as root: they make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'the labs need /dev/net/tun: Open vSwitch makes its internal ports with it';
  const probe = `fl${process.pid.toString(36)}-probe`;
  const made = await run(['ip', 'netns', 'add', probe]);
  if (made.code === 0) await run(['ip', 'netns', 'delete', probe]);
  return made.code === 0 ? undefined : `no network namespace can be made here, and the labs need them: ${made.stderr}`;
}

async function runAll(names: string[], jobs: number, keepLast: boolean): Promise<number> {
  const killed = await cleanAfterKilledRuns();
  if (killed > 0) process.stdout.write(`cleaned up after ${killed} run${killed > 1 ? 's' : ''} that had been killed\n`);
  const records = new Set<RunRecord>();
  endOnSignals(records);
  const begin = Date.now();
  const wanted = await Promise.all(
    names.map(async (name) => ({ name, source: join(home, name), definition: await load(name) })),
  );
  const progress = openProgress(wanted.length, jobs);
  const all = await runLabs(wanted, { results, jobs, keepLast, progress, records }).finally(progress.close);
  process.stdout.write(summary(all, Math.round((Date.now() - begin) / 1000)));
  const failures = all.flatMap((each) => each.failures.map((what) => `lab ${each.name}: ${what}`));
  const passed = all.reduce((sum, each) => sum + each.passed, 0);
  tellTotal({ of: 'labs', passed, failed: failures.length }, failures);
  return failures.length === 0 ? 0 : 1;
}

/** Ctrl-C, the end of the terminal, kill: nothing stays behind. */
function endOnSignals(records: ReadonlySet<RunRecord>): void {
  let ending = false;
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () => {
      // A terminal and npm may both pass it on: once is enough.
      if (ending) return;
      ending = true;
      stopRunning();
      process.stdout.write(`\n${name}: taking everything down …\n`);
      Promise.all([...records].map(closeRecord)).finally(() => process.exit(128 + number));
    });
  }
  // A terminal that is gone must not end us before we have cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

process.exitCode = await main(process.argv.slice(2));
