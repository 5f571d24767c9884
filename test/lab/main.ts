// `npm run lab [-- NAME…|--all|--list|--keep]`: networks on real Open vSwitch in namespaces, PASS or FAIL per check.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../support/compile-cache.ts';
import { tellTotal } from '../total.ts';
import { keep } from './support/keep.ts';
import { type Lab, type LabDefinition, openLab } from './support/lab.ts';
import { clean, cleanAfterKilledRuns, closeRecord, openRecord, type RunRecord } from './support/record.ts';
import { haltIfStopping, run, stopRunning } from './support/shell.ts';

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
  'mininet',
  'kill',
];
const USAGE = 'usage: npm run lab [-- NAME…|--all|--list|--keep]';

function labNames(): string[] {
  const found = readdirSync(home).filter((name) => name !== 'support' && existsSync(join(home, name, 'lab.ts')));
  return [...ORDER.filter((name) => found.includes(name)), ...found.filter((name) => !ORDER.includes(name)).sort()];
}

async function load(name: string): Promise<LabDefinition> {
  return ((await import(`./${name}/lab.ts`)) as { lab: LabDefinition }).lab;
}

async function main(words: string[]): Promise<number> {
  const flags = words.filter((word) => word.startsWith('-'));
  const unknownFlag = flags.find((flag) => !['--all', '--list', '--keep'].includes(flag));
  const all = labNames();
  const named = words.filter((word) => !word.startsWith('-'));
  const unknown = named.find((name) => !all.includes(name));
  if (unknownFlag !== undefined || unknown !== undefined) {
    const known = `labs: ${all.join(', ')}`;
    process.stderr.write(`${unknownFlag ?? unknown} is not known here\n${USAGE}\n${known}\n`);
    return 2;
  }
  if (flags.includes('--list')) {
    for (const name of all) process.stdout.write(`${name.padEnd(16)}${(await load(name)).title}\n`);
    return 0;
  }
  const problem = await whatIsMissing();
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 2;
  }
  return runAll(named.length === 0 ? all : named, flags.includes('--keep'));
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

async function runAll(names: string[], keepLast: boolean): Promise<number> {
  const killed = await cleanAfterKilledRuns();
  if (killed > 0) process.stdout.write(`cleaned up after ${killed} run${killed > 1 ? 's' : ''} that had been killed\n`);
  const record = openRecord();
  endOnSignals(record);
  const begin = Date.now();
  let passed = 0;
  const failures: string[] = [];
  try {
    for (const name of names) {
      const lab = openLab(record, name, join(home, name));
      await runOne(lab, await load(name));
      passed += lab.passed;
      failures.push(...lab.failures.map((what) => `lab ${name}: ${what}`));
      if (lab.failures.length > 0) await saveEvidence(lab);
      if (keepLast && name === names.at(-1)) await keep(lab);
      await clean(record);
    }
  } finally {
    await closeRecord(record);
  }
  const seconds = Math.round((Date.now() - begin) / 1000);
  const failed = failures.length;
  process.stdout.write(
    `\n${names.length} lab${names.length > 1 ? 's' : ''} in ${seconds} s: ${passed} checks passed, ${failed} failed\n`,
  );
  tellTotal({ of: 'labs', passed, failed }, failures);
  return failed === 0 ? 0 : 1;
}

async function runOne(lab: Lab, definition: LabDefinition): Promise<void> {
  process.stdout.write(`\n${lab.name}: ${definition.title}\n`);
  try {
    await definition.run(lab);
  } catch (error) {
    await haltIfStopping();
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    lab.failures.push(`the lab could not go on\n${text}`);
    process.stdout.write(`  FAIL  the lab could not go on\n${text.replace(/^/gm, '        ')}\n`);
  }
}

/** Logs, captures and the file, kept for whoever looks into a failure. */
async function saveEvidence(lab: Lab): Promise<void> {
  for (const gather of lab.onFailure) await gather().catch(() => undefined);
  const target = join(results, lab.name);
  mkdirSync(target, { recursive: true });
  cpSync(lab.folder, target, { recursive: true, filter: (from) => !/\.(sock|ctl|mgmt|snoop)$/.test(from) });
  process.stdout.write(`  logs and captures are kept in test-results/lab/${lab.name}\n`);
}

/** Ctrl-C, the end of the terminal, kill: nothing stays behind. */
function endOnSignals(record: RunRecord): void {
  let ending = false;
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () => {
      // A terminal and npm may both pass it on: once is enough.
      if (ending) return;
      ending = true;
      stopRunning();
      process.stdout.write(`\n${name}: taking everything down …\n`);
      closeRecord(record).finally(() => process.exit(128 + number));
    });
  }
  // A terminal that is gone must not end us before we have cleaned up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

process.exitCode = await main(process.argv.slice(2));
