/** The watchdog's thread: counts ticks for the main thread, and says on standard error who blocks its event loop, and where. */

import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { APP, HEARTBEAT, TICK, TICK_MS, WORK } from './marks.ts';
import { whereItRuns } from './where-it-runs.ts';

/** Milliseconds without a sign of life until it is told: of an app, of nobody; and told again while it lasts. */
const APP_BLOCKS = 400;
const NOBODY_BLOCKS = 1500;
const TOLD_AGAIN = 10_000;
/** The place is told with it where it is found out in this time, and else afterwards. */
const ASKED_MS = 150;

const numbers = workerData as Int32Array;
const names = { app: new Map<number, string>(), work: new Map<number, string>() };
parentPort?.on('message', ({ kind, number, name }: { kind: 'app' | 'work'; number: number; name: string }) => {
  names[kind].set(number, name);
});

let beat = numbers[HEARTBEAT]!;
/** Ticks since the last sign of life: a process that was stopped as a whole has ticked no more than it has beaten. */
let silent = 0;
let since = performance.now();
/** What was told of the blocking that lasts, and when, in ticks; undefined: nothing. */
let told: { who: string; next: number } | undefined;

setInterval(() => {
  numbers[TICK]!++;
  const now = numbers[HEARTBEAT]!;
  if (now !== beat) {
    if (told !== undefined) tell('warn', `the event loop turns again, ${told.who} held it for ${seconds()} s`);
    beat = now;
    silent = 0;
    since = performance.now();
    told = undefined;
    return;
  }
  silent++;
  const app = names.app.get(numbers[APP]!);
  const patience = told?.next ?? (app === undefined ? NOBODY_BLOCKS : APP_BLOCKS) / TICK_MS;
  if (silent >= patience) void bark(app, numbers[WORK]!);
}, TICK_MS);

async function bark(app: string | undefined, work: number): Promise<void> {
  const who = app === undefined ? 'Flowloom itself' : `app "${app}"`;
  told = { who, next: silent + TOLD_AGAIN / TICK_MS };
  const doing = app === undefined ? '' : ` in ${names.work.get(work) ?? 'a call'}`;
  const text = `${who} blocks the event loop${doing}, for ${seconds()} s until now: nothing else runs`;
  const asked = whereItRuns();
  const soon = await Promise.race([asked, sleep(ASKED_MS)]);
  tell('error', soon === undefined ? text : `${text}${at(soon)}`);
  if (soon !== undefined) return;
  const places = await asked;
  if (places.length > 0) tell('error', `${who} blocked it${at(places)}`);
}

function at(places: string[]): string {
  return places.length === 0 ? '' : `, at ${places.join(', called by ')}`;
}

function seconds(): string {
  return ((performance.now() - since) / 1000).toFixed(1);
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
