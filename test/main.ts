// `npm test`: types, lint, then every test. `npm test -- ARGUMENT…` gives the arguments to Vitest and runs nothing else.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tellTotal } from './total.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const report = join(root, 'test-results', 'vitest.json');

/** What we read of Vitest's report. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

interface Result {
  name: string;
  passed: number;
  failed: number;
  line: string;
}

function start(words: string[]): Promise<number> {
  const [program = '', ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: root, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function heading(text: string): void {
  process.stdout.write(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}\n\n`);
}

async function step(name: string, words: string[]): Promise<Result> {
  heading(`${name}: ${words.join(' ')}`);
  const failed = (await start(words)) === 0 ? 0 : 1;
  return { name, passed: 0, failed, line: failed === 0 ? 'passed' : 'FAILED' };
}

async function tests(): Promise<Result> {
  heading('tests: vitest run');
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await start(['vitest', 'run', ...reporters]);
  const read = readReport();
  const passed = read?.numPassedTests ?? 0;
  // A file that could not be loaded, or an error outside every test, fails the run without a failed test.
  const failed = Math.max(read?.numFailedTests ?? 0, code === 0 ? 0 : 1);
  const skipped = read?.numPendingTests ?? 0;
  return {
    name: 'tests',
    passed,
    failed,
    line: `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
  };
}

/** A line or two for each test that failed: where, which, and how its message begins. */
function failures(read: Report): string[] {
  return read.testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const of = (test: string, text = '') => `${relative(root, name)} > ${test}\n${text.slice(0, 1500)}`;
    if (failed.length === 0 && message !== '') return [of('the file itself', message)];
    return failed.map(({ fullName, failureMessages }) => of(fullName, failureMessages[0]));
  });
}

function readReport(): Report | undefined {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

async function all(): Promise<number> {
  const results = [
    await step('types', ['tsc', '--noEmit']),
    await step('lint', ['biome', 'check', '.']),
    await tests(),
  ];
  heading('summary');
  for (const { name, line } of results) process.stdout.write(`${name.padEnd(8)}${line}\n`);
  const sum = (pick: (result: Result) => number) => results.reduce((total, result) => total + pick(result), 0);
  const passed = sum((result) => result.passed);
  const failed = sum((result) => result.failed);
  const read = readReport();
  tellTotal({ of: 'tests', passed, failed }, read === undefined ? [] : failures(read));
  return failed === 0 ? 0 : 1;
}

const words = process.argv.slice(2);
process.exitCode = words.length === 0 ? await all() : await start(['vitest', 'run', ...words]);
