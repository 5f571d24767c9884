/** Traced packets as people read them: each with its way by switch, and the verdict on a line of its own at the end. */

import type { TracedPacket, TraceReport } from '../api/trace.ts';
import { counted } from '../text/counted.ts';
import { describeWay } from './describe-way.ts';

/** So many packets are told without a summary of their verdicts. */
const FEW = 2;

/** `all`: every table and flow whole, and what the pipeline carries along. */
export function describeTrace({ on, file, notes, packets }: TraceReport, all: boolean): string {
  const isFile = on === 'file';
  const sections = packets.map((packet) => describePacket(packet, packets.length > 1, { all, isFile }));
  const where = isFile ? [`on ${file} alone: no switch was asked`] : [];
  // Before all else: the verdict is what stands last.
  const told = [...where, ...notes].map((note) => `note: ${note}\n`).join('');
  return [told, ...sections, summary(packets)].filter((text) => text !== '').join('\n');
}

/** Of many packets what became of each, in a line. */
function summary(packets: readonly TracedPacket[]): string {
  if (packets.length <= FEW) return '';
  const rows = packets.map(({ what, verdict, problem }) => `  ${what}: ${verdict?.text ?? `not traced: ${problem}`}\n`);
  return `${counted(packets.length, 'packet')}:\n${rows.join('')}`;
}

function describePacket(
  { what, switch: name, port, frame, taken, ways, verdict, problem }: TracedPacket,
  named: boolean,
  how: { all: boolean; isFile: boolean },
): string {
  const head = [
    `${named ? `${what}: ` : ''}${frame.text}`,
    `  in by ${name}:${port}, MAC ${frame.src} → ${frame.dst}`,
    ...taken.map((line) => `  taken: ${line}`),
  ];
  const end = `verdict: ${verdict?.text ?? `none, it could not be traced: ${problem}`}`;
  const parts = [head.join('\n'), ...ways.map((way) => describeWay(way, verdict, how).join('\n')), end];
  return parts.map((part) => `${part}\n`).join('\n');
}
