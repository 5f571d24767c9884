/** One case on two switches: the first thing in which they differ. */

import type { Message } from '../../proto/openflow/message.ts';
import { hexBytes } from '../../proto/wire/address.ts';
import { u16 } from '../../src/packet/bytes.ts';
import { answerTo } from './answer.ts';
import { carryOut } from './datapath-actions.ts';
import type { Trace } from './ofproto-trace.ts';
import type { RealSwitch } from './real-switch.ts';
import { type Came, LOCAL, PORTS, type Refused, type SwitchUnderTest } from './switch-under-test.ts';
import type { VerdictCase } from './verdict-case.ts';

export interface Deviation {
  /** `refused`, `frames`, `packet-ins`, `flows`: of both switches; `trace`: of the real one and its own ofproto/trace. */
  what: 'refused' | 'frames' | 'packet-ins' | 'flows' | 'trace';
  /** Of the case; undefined: at its end, or its beginning. */
  step?: number;
  /** What came in there. */
  input?: string;
  real: unknown;
  other: unknown;
  trace?: string;
}

/** What two deviations have in common that are of one cause, as far as that can be told. */
export function kindOf({ what, real, other }: Deviation): string {
  if (what !== 'refused') return what;
  const words = (refused: unknown) =>
    (refused as Refused[]).map(({ index, errorType, code }) => `${index} ${errorType}.${code}`);
  const [one, two] = [words(real), words(other)];
  const first = (some: string[], others: string[]) =>
    some.find((word) => !others.includes(word))?.replace(/^\d+ /, '') ?? 'nothing';
  return `refused: ${first(one, two)} is ${first(two, one)}`;
}

export interface Counts {
  packets: number;
  /** Left by some port, or went to the controller. */
  passed: number;
  /** Fell through a table without a flow, as their traces say. */
  missed: number;
  /** Traces that say what left. */
  traced: number;
}

export const noCounts = (): Counts => ({ packets: 0, passed: 0, missed: 0, traced: 0 });

interface Comparison {
  /** Undefined: the real switch is compared with its traces alone. */
  other?: SwitchUnderTest;
  /** Whether frames are traced, too, where that changes nothing. */
  traced: boolean;
  counts: Counts;
}

export async function compareCase(
  real: RealSwitch,
  { about, messages, steps }: VerdictCase,
  { other, traced, counts }: Comparison,
): Promise<Deviation | undefined> {
  await Promise.all([real.clear(), other?.clear()]);
  const refused = await real.install(messages);
  const found = other && differ('refused', refused, await other.install(messages));
  if (found !== undefined) return found;
  // What Open vSwitch 3.1 traces through `learn` and NORMAL it learns, through check_pkt_larger it sends, or hangs.
  const isTraceable = about === 'anything' && !JSON.stringify(shown(messages)).includes('checkPktLarger');
  let last: { port: number; frame: Uint8Array } | undefined;
  for (const [step, each] of steps.entries()) {
    if (each.type === 'packetOut') {
      const came = await real.send(each.message);
      if (came.packetIns.some(isAmiss)) return undefined;
      const deviation = other && differIn(about, came, await other.send(each.message));
      if (deviation !== undefined) return { ...deviation, step };
      continue;
    }
    const input = each.type === 'frame' ? each : last;
    if (input === undefined) continue;
    const { port, frame } = input;
    const trace = traced && isTraceable ? await real.trace(port, frame) : undefined;
    const came = await real.receive(port, frame);
    count(counts, came, trace);
    if (came.packetIns.some(isAmiss)) return undefined;
    const where = { step, input: `${port} ${Buffer.from(frame).toString('hex')}` };
    if (other !== undefined) {
      const deviation = differIn(about, came, await other.receive(port, frame));
      if (deviation !== undefined) {
        return { ...deviation, ...where, ...(trace && { trace: trace.text }) };
      }
    }
    if (trace !== undefined && saysAll(trace)) {
      counts.traced++;
      const deviation = differ('trace', came.frames, byPort(carryOut(trace, frame).frames));
      if (deviation !== undefined) return { ...deviation, ...where, trace: trace.text };
    }
    last = answered(came) ?? last;
  }
  return other && differ('flows', await real.flows(), await other.flows());
}

/**
 * A packet that goes up is read anew, and of two tags one: what Open vSwitch writes into it behind that is written in wrong
 * places, by masks that nobody else knows.
 */
function isAmiss(message: Message): boolean {
  const data = (message as { data?: Uint8Array }).data;
  return data !== undefined && data.length >= 18 && isTag(u16(data, 12)) && isTag(u16(data, 16));
}

const isTag = (type: number) => type === 0x8100 || type === 0x88a8;

function count(counts: Counts, { frames, packetIns }: Came, trace: Trace | undefined): void {
  counts.packets++;
  if (Object.keys(frames).length > 0 || packetIns.length > 0) counts.passed++;
  else if (trace?.text.includes('No match.')) counts.missed++;
}

/** The answer to the last frame that left by a port that has somebody behind it. */
function answered({ frames }: Came): { port: number; frame: Uint8Array } | undefined {
  for (const port of PORTS) {
    const text = frames[port]?.at(-1);
    const frame = text === undefined ? undefined : answerTo(hexBytes(text)!);
    if (frame !== undefined) return { port, frame };
  }
  return undefined;
}

/**
 * A trace translates no address, takes a hash for zero, and behind a popped label it knows nothing of the packet: what
 * really leaves may be another.
 */
function saysAll({ passes, text }: Trace): boolean {
  if (text.includes('Translation failed')) return false;
  return passes.every(({ datapathActions }) => !/nat|recirc/.test(datapathActions));
}

/** The dummy datapath gives the bridge's own port the number 100. */
function byPort(frames: Record<number, string[]>): Record<number, string[]> {
  const { 100: local, ...others } = frames;
  return local === undefined ? others : { ...others, [LOCAL]: local };
}

function differIn(about: VerdictCase['about'], real: Came, other: Came): Deviation | undefined {
  const frames = (came: Came) => (about === 'select' ? Object.values(came.frames).flat().sort() : came.frames);
  return (
    differ('refused', real.refused, other.refused) ??
    differ('frames', frames(real), frames(other)) ??
    differ('packet-ins', real.packetIns.map(shown), other.packetIns.map(shown))
  );
}

/** As JSON, with bytes in hexadecimal digits. */
export function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'bigint' ? `${each}` : each instanceof Uint8Array ? Buffer.from(each).toString('hex') : each,
    ),
  );
}

function differ(what: Deviation['what'], real: unknown, other: unknown): Deviation | undefined {
  return sorted(real) === sorted(other) ? undefined : { what, real, other };
}

/** Whatever the order in which an object's members were set. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
