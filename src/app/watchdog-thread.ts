/** The watchdog's thread: counts ticks for the main thread, and says on standard error who blocks its event loop, and where. */

import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type Sight, type Told, watchLoop } from './held-loop.ts';
import { APP, HEARTBEAT, TICK, TICK_MS, WORK } from './marks.ts';
import { processorWait } from './processor-wait.ts';
import { whereItRuns } from './where-it-runs.ts';

/** The place is told with it where it is found out in this time, and else afterwards. */
const ASKED_MS = 150;

const numbers = workerData as Int32Array;
const names = { app: new Map<number, string>(), work: new Map<number, string>() };
parentPort?.on('message', ({ kind, number, name }: { kind: 'app' | 'work'; number: number; name: string }) => {
  names[kind].set(number, name);
});

const waitedFor = processorWait();
const sight = (): Sight => ({
  now: performance.now(),
  beat: numbers[HEARTBEAT]!,
  app: numbers[APP]!,
  work: numbers[WORK]!,
  waited: waitedFor(),
});
const watch = watchLoop(sight());

setInterval(() => {
  const { ran, blocks, turns } = watch(sight());
  // A process that was stopped as a whole, or had no processor, is to blame for nothing.
  if (ran) numbers[TICK]!++;
  if (turns !== undefined) tell('warn', `the event loop turns again, ${whoOf(turns)} held it for ${time(turns)}`);
  if (blocks !== undefined) void bark(blocks);
}, TICK_MS);

async function bark(blocks: Told): Promise<void> {
  const who = whoOf(blocks);
  const doing = blocks.app === 0 ? '' : ` in ${names.work.get(blocks.work) ?? 'a call'}`;
  const text = `${who} blocks the event loop${doing}, for ${time(blocks)} until now: nothing else runs`;
  const asked = whereItRuns();
  const soon = await Promise.race([asked, sleep(ASKED_MS)]);
  tell('error', soon === undefined ? text : `${text}${at(soon)}`);
  if (soon !== undefined) return;
  const places = await asked;
  if (places.length > 0) tell('error', `${who} blocked it${at(places)}`);
}

function whoOf({ app }: Told): string {
  const name = names.app.get(app);
  return name === undefined ? 'Flowloom itself' : `app "${name}"`;
}

function time({ ran, waited }: Told): string {
  const seconds = ((ran + waited) / 1000).toFixed(1);
  return waited < ran
    ? `${seconds} s`
    : `${seconds} s (of which it got no processor for ${(waited / 1000).toFixed(1)} s)`;
}

function at(places: string[]): string {
  return places.length === 0 ? '' : `, at ${places.join(', called by ')}`;
}

/** The log is the main thread's, which does not run now. */
function tell(level: 'error' | 'warn', text: string): void {
  const time = new Date();
  const line =
    process.env.FLOWLOOM_LOG === 'json'
      ? JSON.stringify({ level: level === 'error' ? 50 : 40, time: time.getTime(), msg: text })
      : `[${time.toTimeString().slice(0, 8)}] ${level.toUpperCase()}: ${text}`;
  writeSync(2, `${line}\n`);
}
