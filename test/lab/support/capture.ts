// What went over the wire: tcpdump, listening before the traffic starts.
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, outputOf, startDaemon, stopDaemon, untilSaid } from './daemon.ts';
import type { Lab, Namespace } from './lab.ts';
import { run } from './shell.ts';
import { until } from './wait.ts';

export interface Capture {
  file: string;
  daemon: Daemon;
}

let number = 0;

/** Returns when tcpdump is listening on the device. */
export function startCapture(lab: Lab, namespace: Namespace, device: string, filter = ''): Promise<Capture> {
  // Frames are there as soon as they were seen; of each the headers, so that many fit into tcpdump's buffer.
  return capture(lab, namespace, device, ['--immediate-mode', '-s', '512'], filter);
}

/** Whole packets; they come to the file in blocks, up to a second late. */
export function startFullCapture(lab: Lab, namespace: Namespace, device: string, filter: string): Promise<Capture> {
  return capture(lab, namespace, device, [], filter);
}

async function capture(
  lab: Lab,
  namespace: Namespace,
  device: string,
  flags: string[],
  filter: string,
): Promise<Capture> {
  const name = `capture-${++number}-${namespace.name}-${device}`;
  const file = join(lab.folder, `${name}.pcap`);
  const words = ['tcpdump', '-i', device, '-n', '-U', '-Z', 'root', '-B', '32768', ...flags, '-w', file];
  const daemon = startDaemon(lab, name, namespace, filter === '' ? words : [...words, filter]);
  await untilSaid(daemon, /listening on/);
  return { file, daemon };
}

/** The frames so far, one text of tcpdump's each, with link headers. */
export async function frames(capture: Capture): Promise<string[]> {
  const outcome = await run(['tcpdump', '-r', capture.file, '-e', '-n', '-v', '-t']);
  // -v spreads a frame over lines: what belongs to the one before is indented, or the frame inside a tunnel.
  return outcome.stdout
    .replace(/\n[ \t]+/g, ' ')
    .replace(/(VXLAN, .*vni \d+)\n/g, '$1 ')
    .split('\n')
    .filter((line) => line !== '');
}

/** Waits until a frame like `pattern` was seen. Frames come in order: what was sent before it has been seen as well. */
export async function untilSeen(capture: Capture, pattern: RegExp, seconds = 5): Promise<string[]> {
  return until(
    `a frame like ${pattern} in ${capture.daemon.name}`,
    async () => {
      const all = await frames(capture);
      return all.some((frame) => pattern.test(frame)) ? all : undefined;
    },
    seconds,
  );
}

export async function stopCapture(capture: Capture): Promise<string[]> {
  if (capture.daemon.ended() === undefined) await stopDaemon(capture.daemon, 'SIGINT');
  const dropped = /(\d+) packets? dropped by kernel/.exec(outputOf(capture.daemon))?.[1];
  if (dropped !== '0') throw new Error(`${capture.daemon.name} is not complete:\n${outputOf(capture.daemon)}`);
  return frames(capture);
}

/** How many packets like `filter` a station sent and got while `traffic` went on. */
export async function packetsAt(
  lab: Lab,
  station: Namespace,
  filter: string,
  traffic: () => Promise<void>,
): Promise<number> {
  const seen = await startCapture(lab, station, 'eth0', filter);
  await traffic();
  await untilSettled(seen);
  return (await stopCapture(seen)).length;
}

/** Nothing more has come for half a second: the last packets of a connection follow its end. */
async function untilSettled(capture: Capture): Promise<void> {
  let last = { size: -1, since: Date.now() };
  await until(`${capture.daemon.name} is at its end`, () => {
    const { size } = statSync(capture.file);
    if (size !== last.size) last = { size, since: Date.now() };
    return size === last.size && Date.now() - last.since > 500;
  });
}

/** Keeps the capture where FLOWLOOM_LAB_PCAP_DIR says: the OpenFlow messages of a lab are test material elsewhere. */
export function keepCapture(capture: Capture, name: string): void {
  const folder = process.env.FLOWLOOM_LAB_PCAP_DIR;
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(capture.file, join(folder, name));
}
