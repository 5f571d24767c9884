// Traffic of stations, and what came of it.
import { fileURLToPath } from 'node:url';
import { expect } from './check.ts';
import { type Daemon, outputOf, startDaemon, stopDaemon, untilSaid } from './daemon.ts';
import { inside, type Lab, type Namespace, tryInside } from './lab.ts';
import { type Outcome, told } from './shell.ts';
import { until } from './wait.ts';

export interface PingOptions {
  count?: number;
  /** Seconds between two. */
  interval?: number;
  /** Further arguments of ping. */
  flags?: string[];
}

export interface PingResult {
  sent: number;
  received: number;
  outcome: Outcome;
}

/** Once one is answered, ping waits for the answer to the last no longer than its interval. */
const LEAST_WAIT = 0.2;

export async function ping(from: Namespace, address: string, options: PingOptions = {}): Promise<PingResult> {
  const count = String(options.count ?? 3);
  const pace = ['-c', count, '-i', String(options.interval ?? LEAST_WAIT), '-W', '1'];
  const outcome = await tryInside(from, ['ping', '-n', ...pace, ...(options.flags ?? []), address]);
  return { ...readPing(outcome.stdout), outcome };
}

function readPing(text: string): { sent: number; received: number } {
  const found = /(\d+) packets transmitted, (\d+) received/.exec(text);
  return { sent: Number(found?.[1] ?? 0), received: Number(found?.[2] ?? 0) };
}

/** Waits until it is answered: at the beginning everybody has to hear of everybody else first. */
export async function untilAnswered(from: Namespace, address: string): Promise<void> {
  await until(`${from.name} reaches ${address}`, async () => (await ping(from, address, { count: 1 })).received === 1);
}

/** Every ping is answered. */
export async function expectPings(from: Namespace, address: string, options?: PingOptions): Promise<void> {
  const result = await ping(from, address, options);
  const all = result.sent > 0 && result.received === result.sent;
  expect(all, `${from.name} should reach ${address}`, () => told(result.outcome));
}

/** No ping is answered. */
export async function expectNoPings(from: Namespace, address: string, options?: PingOptions): Promise<void> {
  const result = await ping(from, address, { count: 2, ...options });
  const none = result.sent > 0 && result.received === 0;
  expect(none, `${from.name} must not reach ${address}`, () => told(result.outcome));
}

let number = 0;

/** A ping that goes on until it is stopped. Returns when the first answer is there. */
export async function startPing(lab: Lab, from: Namespace, address: string, interval: number): Promise<Daemon> {
  const name = `ping-${++number}-${from.name}`;
  const daemon = startDaemon(lab, name, from, ['ping', '-n', '-i', String(interval), address]);
  await untilSaid(daemon, /bytes from/);
  return daemon;
}

/** Pings to a broadcast address, which nobody answers, until it is stopped. */
export function startBroadcasts(lab: Lab, from: Namespace, address: string, interval: number): Daemon {
  const name = `broadcasts-${++number}-${from.name}`;
  return startDaemon(lab, name, from, ['ping', '-n', '-b', '-i', String(interval), address]);
}

/** Stops it once it is answered again; the check fails if an answer is missing. */
export async function stopPing(daemon: Daemon): Promise<void> {
  const before = lastAnswered(daemon);
  // On a busy machine many may be under way at once: what counts is that all before an answered one were answered.
  const last = await until('another ping is answered', () => {
    const now = lastAnswered(daemon);
    return now > before && now;
  }).catch(() => undefined);
  await stopDaemon(daemon, 'SIGINT');
  const text = outputOf(daemon);
  expect(last !== undefined, 'pings are no longer answered', () => text.slice(-300));
  const answered = new Set(sequences(text));
  const lost = Array.from({ length: last }, (_, index) => index + 1).filter((sequence) => !answered.has(sequence));
  const which = `${lost.slice(0, 20).join(', ')}${lost.length > 20 ? ' …' : ''}`;
  expect(lost.length === 0, `${lost.length} of ${last} pings were lost: ${which}`, () => text.slice(-300));
}

function lastAnswered(daemon: Daemon): number {
  return sequences(outputOf(daemon).slice(-2000)).reduce((most, sequence) => Math.max(most, sequence), 0);
}

function sequences(text: string): number[] {
  return [...text.matchAll(/bytes from .* icmp_seq=(\d+) /g)].map(([, sequence]) => Number(sequence));
}

export async function curl(from: Namespace, url: string, ...flags: string[]): Promise<Outcome> {
  return tryInside(from, ['curl', '-sS', '--noproxy', '*', '--max-time', '5', '--connect-timeout', '2', ...flags, url]);
}

/** curl works and the answer is like `pattern`. */
export async function expectCurl(from: Namespace, url: string, pattern: RegExp): Promise<void> {
  const outcome = await curl(from, url);
  const right = outcome.code === 0 && pattern.test(outcome.stdout);
  expect(right, `${from.name} should get ${url} with ${pattern}`, () => told(outcome));
}

/** No connection comes about: the packets are dropped (curl's code 28), or refused (7) where `codes` says so. */
export async function expectNoCurl(from: Namespace, url: string, codes = [28]): Promise<void> {
  const outcome = await curl(from, url);
  expect(codes.includes(outcome.code ?? -1), `${from.name} must not get ${url}`, () => told(outcome));
}

/** A web server that says its name and who asked; for IPv4, or with `::` for both families. */
export async function startWeb(lab: Lab, on: Namespace, port: number, address = '0.0.0.0'): Promise<Daemon> {
  const program = fileURLToPath(new URL('./web-server.ts', import.meta.url));
  const daemon = startDaemon(lab, `web-${on.name}-${port}`, on, [
    process.execPath,
    program,
    String(port),
    on.name,
    address,
  ]);
  await untilSaid(daemon, /listening/);
  return daemon;
}

/** Which of the TCP ports answer: `80 open`, `81 refused`. */
export async function scanPorts(from: Namespace, address: string, ...ranges: string[]): Promise<string[]> {
  const program = fileURLToPath(new URL('./port-scan.ts', import.meta.url));
  const said = await inside(from, [process.execPath, program, address, ...ranges]);
  return said.split('\n').filter((line) => line !== '');
}
