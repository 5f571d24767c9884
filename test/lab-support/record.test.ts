// What a killed run of the labs left behind is removed by the next one; nothing else is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity, terminate } from '../lab/support/process.ts';
import { cleanAfterKilledRuns } from '../lab/support/record.ts';

interface Left {
  namespace: string;
  folder: string;
  process: ProcessIdentity;
}

const program = fileURLToPath(new URL('./killed-run.ts', import.meta.url));
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    // Until it is gone its run counts as one that goes on.
    await once(child, 'exit');
  }
  await cleanAfterKilledRuns();
});

async function startRun(): Promise<{ child: ChildProcess; left: Left }> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, left: JSON.parse(String(line)) as Left };
}

test('a killed run is cleaned up, a running one is left alone', async () => {
  const killed = await startRun();
  const running = await startRun();
  expect(isAlive(killed.left.process)).toBe(true);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  expect(existsSync(`/run/netns/${killed.left.namespace}`)).toBe(true);

  expect(await cleanAfterKilledRuns()).toBeGreaterThanOrEqual(1);

  expect(isAlive(killed.left.process)).toBe(false);
  expect(existsSync(`/run/netns/${killed.left.namespace}`)).toBe(false);
  expect(existsSync(killed.left.folder)).toBe(false);
  expect(isAlive(running.left.process)).toBe(true);
  expect(existsSync(`/run/netns/${running.left.namespace}`)).toBe(true);
});

test('a pid that belongs to somebody else by now is not ended', async () => {
  const bystander = spawn('sleep', ['60']);
  children.push(bystander);
  const identity = identify(bystander.pid ?? -1);
  expect(identity).toBeDefined();
  await terminate([{ pid: bystander.pid ?? -1, start: '1' }], 0.2);
  expect(identity !== undefined && isAlive(identity)).toBe(true);
});
