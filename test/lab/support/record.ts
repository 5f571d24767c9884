// What a run has made outside itself, written down before use: so that the next run can clean up after a killed one.
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity, terminate } from './process.ts';
import { run } from './shell.ts';

/** Of one run of the labs; kept in a file while the run lasts. */
export interface RunRecord {
  runner: ProcessIdentity;
  /** First part of the names of its namespaces. */
  prefix: string;
  /** Databases, logs, captures. */
  folder: string;
  namespaces: string[];
  processes: ProcessIdentity[];
  /** Everything is taken down: nothing new may come. */
  closed?: boolean;
}

const home = join(tmpdir(), 'flowloom-lab');

/** `part`: of a process that runs several labs at once, which of them. */
export function openRecord(part?: number): RunRecord {
  ownFolder();
  const runner = identify(process.pid);
  if (runner === undefined) throw new Error('/proc is not mounted: the labs need it');
  const prefix = `fl${process.pid.toString(36)}${part === undefined ? '' : `-${part}`}`;
  const record: RunRecord = { runner, prefix, folder: join(home, prefix), namespaces: [], processes: [] };
  mkdirSync(record.folder, { recursive: true });
  save(record);
  return record;
}

export function recordNamespace(record: RunRecord, name: string): void {
  refuseIfClosed(record);
  record.namespaces.push(name);
  save(record);
}

/** A lab that was ended because it took too long may still be under way. */
export function refuseIfClosed(record: RunRecord): void {
  if (record.closed === true) throw new Error('the lab has been taken down');
}

export function recordProcess(record: RunRecord, identity: ProcessIdentity): void {
  record.processes = record.processes.filter(isAlive);
  record.processes.push(identity);
  save(record);
}

/** Ends the run's processes and removes its namespaces; the record stays open. */
export async function clean(record: RunRecord): Promise<void> {
  await terminate(record.processes);
  record.processes = record.processes.filter(isAlive);
  const there = new Set(readNamespaces());
  for (const name of record.namespaces.filter((name) => there.has(name))) {
    const outcome = await run(['ip', 'netns', 'delete', name], { evenWhenStopping: true });
    if (outcome.code !== 0) process.stderr.write(`namespace ${name} stays: ${outcome.stderr}`);
  }
  record.namespaces = [];
  save(record);
}

export async function closeRecord(record: RunRecord): Promise<void> {
  record.closed = true;
  await clean(record);
  rmSync(record.folder, { recursive: true, force: true });
  rmSync(fileOf(record.prefix), { force: true });
}

/** Cleans up after runs that were killed. Tells how many there were. */
export async function cleanAfterKilledRuns(): Promise<number> {
  ownFolder();
  let count = 0;
  for (const name of readdirSync(home).filter((name) => /^fl[0-9a-z]+(-\d+)?\.json$/.test(name))) {
    const record = read(join(home, name));
    if (record === undefined) {
      rmSync(join(home, name), { force: true });
    } else if (!isAlive(record.runner)) {
      await closeRecord(record);
      count++;
    }
  }
  return count;
}

function read(file: string): RunRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
    const prefix = /^fl[0-9a-z]+(-\d+)?$/.test(record.prefix) && file === fileOf(record.prefix);
    const names = record.namespaces.every((name) => name.startsWith(`${record.prefix}-`));
    return prefix && names && record.folder === join(home, record.prefix) ? record : undefined;
  } catch {
    return undefined;
  }
}

function save(record: RunRecord): void {
  const file = fileOf(record.prefix);
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

function fileOf(prefix: string): string {
  return join(home, `${prefix}.json`);
}

/** Records name processes that root will end: nobody else may have written them. */
function ownFolder(): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const status = lstatSync(home);
  if (!status.isDirectory() || status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0) {
    throw new Error(`${home} is not a folder of ours that only we can write: remove it and run this again`);
  }
}

function readNamespaces(): string[] {
  try {
    return readdirSync('/run/netns');
  } catch {
    return [];
  }
}
