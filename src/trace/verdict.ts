/** What a packet's way comes to, in one line, with the flow that decided it and its line of the file. */

import type { TracedDelivery, TracedFlowText, TraceStep, TraceVerdict } from '../api/trace.ts';
import type { Passed } from './trace-packet.ts';

/** Of many ports a packet is flooded to, so many are named. */
const NAMED = 6;
/** Stages in which it is decided what may pass. */
const DECIDING: ReadonlySet<string> = new Set(['firewall', 'bridged-firewall']);

export function verdictOf(passed: readonly Passed[], deliveries: TracedDelivery[]): TraceVerdict {
  const first = passed[0]!;
  const asker = controllerFlow(passed);
  if (deliveries.length > 0) {
    const isBack = deliveries.every(
      ({ switch: name, port }) => name === first.way.switch && port.number === first.way.port.number,
    );
    const copy = asker === undefined ? '' : copyText(asker, passerOf(passed));
    if (isBack && passed.length === 1) {
      const decided = first.recorder.last?.flow ?? null;
      const [{ frame, port } = deliveries[0]!] = deliveries;
      const by = answerer(passed) ?? decided;
      const back = `back to ${first.way.switch}:${port.name} as ${frame.text}`;
      const text = `answered by ${by === null ? first.way.switch : whose(by)}: ${back}${copy}`;
      return { kind: 'answered', text, decided: by, deliveries };
    }
    const passer = passerOf(passed);
    const letIn = passer === undefined ? '' : `; let in by ${whose(passer)}`;
    const text = `delivered to ${delivered(deliveries)}${letIn}${copy}`;
    const at = passed.find(({ way }) => way.switch === deliveries[0]!.switch);
    return { kind: 'delivered', text, decided: passer ?? at?.recorder.last?.flow ?? null, deliveries };
  }
  if (asker !== undefined && tellsSender(asker)) {
    return { kind: 'dropped', text: `dropped by ${whose(asker)}`, decided: asker, deliveries };
  }
  if (asker !== undefined && refuses(asker)) {
    const isRejected = wordsOf(asker).includes('reject');
    const text = `${isRejected ? 'rejected' : 'dropped'} by ${whose(asker)}${isRejected ? ': its sender is told' : ''}`;
    return { kind: 'dropped', text: `${text}${logged(asker)}`, decided: asker, deliveries };
  }
  if (asker !== undefined)
    return { kind: 'controller', text: `to the controller: ${whose(asker)}`, decided: asker, deliveries };
  const { text, decided } = dropped(passed);
  return { kind: 'dropped', text, decided, deliveries };
}

/** Rules that log send a copy of what they let pass, too. */
function copyText(asker: TracedFlowText, passer: TracedFlowText | undefined): string {
  const isPassers = asker.cookie !== null && asker.cookie === passer?.cookie;
  return isPassers && logged(asker) !== '' ? logged(asker) : `; a copy to the controller: ${whose(asker)}`;
}

/** The words of a rule; what it writes before each line of the log is none of them. */
function wordsOf({ intent }: TracedFlowText): string[] {
  return (intent ?? '').replaceAll(/"[^"]*"/g, '').split(/\s+/);
}

/** A rule that refuses packets, and asks the controller only to tell somebody so. */
function refuses(flow: TracedFlowText): boolean {
  const isDeciding = flow.app === 'firewall' && flow.stage !== null && DECIDING.has(flow.stage);
  return isDeciding && wordsOf(flow).some((word) => word === 'reject' || word === 'drop');
}

/** A router's flow for what goes no further; the controller only tells so. */
function tellsSender({ app, intent }: TracedFlowText): boolean {
  return app === 'router' && (intent ?? '').includes(': its sender is told, ');
}

function logged(flow: TracedFlowText): string {
  return wordsOf(flow).includes('log') ? '; logged' : '';
}

function delivered(deliveries: readonly TracedDelivery[]): string {
  const place = ({ switch: name, port, beyond }: TracedDelivery) =>
    `${name}:${port.name}${beyond === null ? '' : ` (${beyond})`}`;
  const texts = new Set(deliveries.map(({ frame }) => frame.text));
  const [text] = texts;
  const as = texts.size === 1 ? ` as ${text}` : '';
  if (deliveries.length === 1) return `${place(deliveries[0]!)}${as}`;
  const named = deliveries.slice(0, NAMED).map(place).join(', ');
  const more = deliveries.length > NAMED ? `, and ${deliveries.length - NAMED} more` : '';
  return `${deliveries.length} ports: ${named}${more}${as}`;
}

/** The last one that it met is what nobody let through. */
function dropped(passed: readonly Passed[]): { text: string; decided: TracedFlowText | null } {
  const { way, recorder } = passed.at(-1)!;
  const { last } = recorder;
  const on = passed.length > 1 ? ` at ${way.switch}` : '';
  const notes = noteBehind(way.steps, last);
  const why = notes === '' ? '' : `: ${notes}`;
  if (last === undefined) return { text: `dropped${on}${why || ': it met no table'}`, decided: null };
  const { flow } = last;
  if (last.kind === 'no flow') {
    return { text: `dropped${on}: no flow matches in table ${flow?.table} ${flow?.tableName}`, decided: flow };
  }
  return { text: `dropped${on} by ${flow === null ? 'a flow' : whose(flow)}${why}`, decided: flow };
}

/** What was noted since it met the flow. */
function noteBehind(steps: readonly TraceStep[], last: TraceStep | undefined): string {
  const from = last === undefined ? 0 : steps.indexOf(last);
  return [...new Set(steps.slice(from).flatMap(({ kind, text }) => (kind === 'note' ? [text] : [])))].join('; ');
}

/** `firewall: net to all drop (flowloom.yaml:40)` */
export function whose({ app, intent, source, table, tableName, cookie }: TracedFlowText): string {
  const place = `table ${table} ${tableName}`;
  if (app === null) return `a flow that is not Flowloom's, in ${place} (cookie ${cookie})`;
  const line = source === null ? '' : ` (${source})`;
  return `${app}: ${intent ?? `a flow of ${place}`}${line}`;
}

/** The flow that sent it there. */
function controllerFlow(passed: readonly Passed[]): TracedFlowText | undefined {
  for (const { punted, way } of passed) {
    const [packet] = punted;
    if (packet === undefined) continue;
    const cookie = `0x${packet.cookie.toString(16).padStart(16, '0')}`;
    const flows = way.steps.flatMap(({ flow }) => (flow === null ? [] : [flow]));
    const found = flows.findLast((flow) => flow.table === packet.tableId && flow.cookie === cookie);
    if (found !== undefined) return found;
    return { ...NO_FLOW, table: packet.tableId, tableName: String(packet.tableId), cookie };
  }
  return undefined;
}

const NO_FLOW: TracedFlowText = {
  ...{ table: 0, tableName: '0', stage: null, app: null, intent: null, source: null },
  ...{ cookie: null, priority: null, match: null, actions: null },
};

/** The rule that a packet that arrives had to pass, where there was one. */
function passerOf(passed: readonly Passed[]): TracedFlowText | undefined {
  const flows = passed.flatMap(({ way }) =>
    way.steps.flatMap(({ kind, flow }) => (kind === 'flow' && flow ? [flow] : [])),
  );
  const deciding = flows.filter(
    ({ stage, app, source }) => stage !== null && DECIDING.has(stage) && app !== null && source !== null,
  );
  // Where it is only said that a packet was judged elsewhere, the rule is what people ask for.
  return deciding.findLast((flow) => wordsOf(flow).includes('accept')) ?? deciding.at(-1);
}

/** Who turned the packet into its answer: the first that changed what it says. */
function answerer(passed: readonly Passed[]): TracedFlowText | undefined {
  for (const { way } of passed) {
    for (const { flow, changes } of way.steps) {
      if (flow?.app != null && changes.some(({ field }) => field === 'arp_op' || field === 'icmp_type')) return flow;
    }
  }
  return undefined;
}
