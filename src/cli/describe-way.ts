/** A packet's way through one switch, table by table; what decided it is marked in the margin. */

import type { FieldChange, TracedFlowText, TracedWay, TraceStep, TraceVerdict } from '../api/trace.ts';
import { counted } from '../text/counted.ts';

/** A flow's text is cut here, unless all is asked for. */
const WIDTH = 100;
const MARK = '> ';
const NO_MARK = '  ';

interface How {
  all: boolean;
  /** Numbers of ports are made up. */
  isFile: boolean;
}

export function describeWay(
  { switch: name, port, by, steps }: TracedWay,
  verdict: TraceVerdict | null,
  { all, isFile }: How,
): string[] {
  const decided = decidingStep(steps, verdict);
  const shown = all ? steps : steps.filter((step, index) => step === decided || isTold(step, steps[index + 1]));
  const width = Math.max(0, ...shown.map(({ flow }) => (flow === null ? 0 : placeOf(flow).length)));
  const hidden = steps.length - shown.length;
  const number = isFile ? '' : ` (port ${port.number})`;
  return [
    `${name}, in by ${port.name}${number}${by === null ? '' : `, over ${by}`}`,
    ...shown.flatMap((step) => stepLines(step, width, { all, isDecided: step === decided })),
    ...(hidden > 0 ? [`  (${counted(hidden, 'step')} more with --all)`] : []),
  ];
}

function decidingStep(steps: readonly TraceStep[], verdict: TraceVerdict | null): TraceStep | undefined {
  const decided = verdict?.decided;
  if (decided == null) return undefined;
  return steps.findLast(
    ({ flow }) => flow?.table === decided.table && flow.match === decided.match && flow.priority === decided.priority,
  );
}

/** What says something of this packet: a line of the file, somebody else's flow, a change, what is no flow. */
function isTold({ kind, flow, changes, depth }: TraceStep, next: TraceStep | undefined): boolean {
  if (flow === null) return kind !== 'bucket';
  if (changes.some(({ of }) => of === 'packet')) return true;
  if (kind === 'no flow') return next === undefined;
  const isFollowed = next !== undefined && next.flow === null && next.kind !== 'output';
  return flow.app === null || isFollowed || (flow.source !== null && flow.match !== '' && depth === 0);
}

function stepLines(
  { kind, depth, text, flow, changes }: TraceStep,
  width: number,
  { all, isDecided }: { all: boolean; isDecided: boolean },
): string[] {
  const indent = '  '.repeat(depth);
  const behind = `${NO_MARK}${indent}${' '.repeat(width + 2)}`;
  const changed = changes.filter(({ of }) => all || of === 'packet').map((change) => `${behind}${changeText(change)}`);
  if (flow === null) return [`${behind}${stepText(kind, text)}`, ...changed];
  const first = `${isDecided ? MARK : NO_MARK}${indent}${placeOf(flow).padEnd(width)}  `;
  if (kind === 'no flow') return [`${first}no flow matches`];
  const shown = all || isDecided ? flowText(flow) : matchText(flow);
  const cut = all || shown.length <= WIDTH ? shown : `${shown.slice(0, WIDTH)}…`;
  return [`${first}${whose(flow)}`, ...(cut === '' ? [] : [`${behind}${cut}`]), ...changed];
}

function stepText(kind: TraceStep['kind'], text: string): string {
  if (kind === 'conntrack') return `conntrack, ${text}`;
  if (kind === 'output') return `out ${text}`;
  if (kind === 'controller') return `to the controller (${text})`;
  return kind === 'note' ? `(${text})` : text;
}

const placeOf = ({ table, tableName }: TracedFlowText) => `${String(table).padStart(3)} ${tableName}`;

function whose({ app, intent, source, cookie }: TracedFlowText): string {
  if (app === null) return `not Flowloom's (cookie ${cookie})`;
  return `${app}${intent === null ? '' : `: ${intent}`}${source === null ? '' : ` (${source})`}`;
}

function matchText({ priority, match }: TracedFlowText): string {
  return match === '' ? '' : `priority=${priority},${match}`;
}

function flowText({ priority, match, actions }: TracedFlowText): string {
  return `priority=${priority}${match === '' ? '' : `,${match}`} actions=${actions}`;
}

const changeText = ({ field, was, is }: FieldChange) => `${field}: ${was} → ${is}`;
