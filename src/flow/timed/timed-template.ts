/** A template's flows on one switch: rows of numbers here, flow-mods there. */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import type { Intent } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import type { ActualFlow } from '../reconcile/diff.ts';
import { flowAdd, flowDelete, flowsDelete } from '../reconcile/messages.ts';
import type { Scope } from '../weave/compile.ts';
import { type DesiredFlow, desiredFlow, type FlowPlace } from '../weave/desired.ts';
import { recognise } from './recognise.ts';
import { createRows } from './rows.ts';
import { checkNumbers, takeMatched } from './slot-numbers.ts';
import { type FlowTemplate, fill, MOST_SLOTS, slotsOf, type TemplateBytes, templateBytes } from './template.ts';
import type { TimedOwner } from './timed-sender.ts';
import type { TimedSwitch } from './timed-switch.ts';

/** Flows that differ in the numbers of their template's slots only, as an app has them. */
export interface Template {
  /**
   * Sets the flow with these numbers, in the order of the slots, at once; each call sends it. false: it was not sent, since
   * the app sends too much, the switch is behind, or it has as many of them as one may have.
   */
  set(...numbers: number[]): boolean;
  /** Withdraws the flow that matches these numbers. */
  delete(...numbers: number[]): void;
  /** Withdraws all with that number in that slot. */
  deleteWhere(slot: number, number: number): void;
  /** The numbers of those that stand, of an earlier run too. */
  standing(): number[][];
  readonly size: number;
}

/** What the switch's side of it is besides. */
export interface TimedTemplate extends Template, TimedOwner {
  readonly spec: FlowTemplate;
  maySend: () => boolean;
  readonly tableId: number;
  readonly intent: Intent;
  /** It may resolve to other tables than before: what stands is set anew where it does. */
  follow(): void;
  /** One of an earlier run, or of an earlier instance of the app, is its. */
  adopt(flow: ActualFlow): boolean;
  /** The flow is gone: its numbers, where it was this template's. */
  ended(message: FlowRemoved): number[] | undefined;
  /** Those that stand, as flows. */
  flows(): Iterable<DesiredFlow>;
}

/** Of one template on one switch. */
const MOST_ROWS = 1 << 18;
const WAITING = 4096;
const NO_ROW = Number.POSITIVE_INFINITY;

interface Compiled {
  version: number;
  add: TemplateBytes;
  /** Made when one is taken back first. */
  remove: TemplateBytes | undefined;
  cookie: bigint;
}

export function createTimedTemplate(
  spec: FlowTemplate,
  place: FlowPlace,
  scope: Scope,
  intent: Intent,
  parts: TimedSwitch,
): TimedTemplate {
  const slots = slotsOf(spec);
  const count = slots.length;
  const rows = createRows(
    count,
    [...slots.keys()].filter((i) => slots[i]!.inMatch),
    MOST_ROWS,
  );
  const values = new Float64Array(MOST_SLOTS);
  /** Of any flow of it. */
  const ones = slots.map(() => 1);
  /** Set before the pipeline was woven first: sent then. */
  let waiting: number[][] = [];
  let compiled: Compiled | undefined;
  /** The pipeline with which it can't be. */
  let impossible: number | undefined;
  /** From this row on they may stand otherwise than they shall now, and are to be sent again. */
  let resendFrom = NO_ROW;
  /** Rows as flows, where somebody has looked. */
  let shown: (DesiredFlow | undefined)[] = [];
  // What can't be is told where it is written.
  compile();

  function flowOf(numbers: ArrayLike<number>): DesiredFlow {
    return desiredFlow(parts.namespace, place, fill(spec, numbers), scope);
  }

  function compile(): Compiled {
    const before = compiled;
    compiled = {
      version: parts.weaver.version,
      add: templateBytes(slots, (numbers) => flowAdd(flowOf(numbers))),
      remove: undefined,
      cookie: flowOf(ones).cookie,
    };
    if (before !== undefined && Buffer.compare(before.add.bytes, compiled.add.bytes) !== 0) {
      shown = [];
      resendFrom = rows.size > 0 ? 0 : NO_ROW;
    }
    return compiled;
  }

  function removal(): TemplateBytes {
    const now = compiled ?? compile();
    now.remove ??= templateBytes(slots, (numbers) => flowDelete(flowOf(numbers)));
    return now.remove;
  }

  /** As it goes to the switch now; undefined: it can't be any more, which is told once. */
  function current(version: number): Compiled | undefined {
    if (compiled?.version === version) return compiled;
    if (impossible === version) return undefined;
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      impossible = version;
      parts.refused(place.app.name, intent, error.message);
      for (const row of rows) rows.remove(row);
      parts.send(flowsDelete({ ...allOf(compiled?.cookie ?? 0n, place.tableId), match: {} }));
      return undefined;
    }
  }

  /** Sends what `values` holds. */
  function add(version: number): boolean {
    const now = current(version);
    if (now === undefined) return false;
    if (parts.isForeign(place.tableId, spec.priority) && parts.isTaken(flowOf(values))) return false;
    const row = rows.put(values);
    if (row >= 0 && row < shown.length) shown[row] = undefined;
    if (row >= 0 && parts.sender.send(template, row, now.add, values)) return true;
    if (row >= 0) rows.remove(row);
    parts.drop();
    return false;
  }

  /** As many as the window has room for; the others as soon as it has room again. */
  function sendAgain({ add: message }: Compiled): void {
    const from = resendFrom;
    resendFrom = NO_ROW;
    for (const row of rows) {
      if (row < from) continue;
      rows.read(row, values);
      if (parts.sender.send(template, row, message, values)) continue;
      // Else the connection has ended: what stands is read anew on the next one.
      if (!parts.window.full) return;
      resendFrom = row;
      parts.window.room().then(template.follow, () => undefined);
      return;
    }
  }

  function forgetWaiting(isMeant: (numbers: readonly number[]) => boolean): void {
    if (waiting.length > 0) waiting = waiting.filter((numbers) => !isMeant(numbers));
  }

  function numbersOf(row: number): number[] {
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(rows.at(row, i));
    return numbers;
  }

  const template: TimedTemplate = {
    spec,
    maySend: () => true,
    tableId: place.tableId,
    intent,
    get size() {
      return rows.size;
    },
    set(a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number) {
      values[0] = a as number;
      values[1] = b as number;
      values[2] = c as number;
      values[3] = d as number;
      if (count > 4) {
        values[4] = e as number;
        values[5] = f as number;
        values[6] = g as number;
        values[7] = h as number;
      }
      checkNumbers(slots, values);
      if (!template.maySend()) return false;
      const version = parts.weaver.version;
      if (version > 0) return add(version);
      if (waiting.length >= WAITING) {
        parts.drop();
        return false;
      }
      waiting.push([...values]);
      return true;
    },
    delete(...numbers) {
      values.fill(0);
      for (const [i, { inMatch }] of slots.entries()) if (inMatch) values[i] = numbers[i] ?? Number.NaN;
      checkNumbers(slots, values);
      forgetWaiting((waits) => slots.every(({ inMatch }, i) => !inMatch || waits[i] === values[i]));
      const row = rows.find(values);
      if (row >= 0) rows.remove(row);
      parts.sender.send(template, -1, removal(), values);
    },
    deleteWhere(slot, number) {
      const use = slots[slot];
      if (use === undefined) throw new FlowError(`slot(${slot}) is none of the template's`);
      const field = use.uses.find((each) => each !== 'output');
      if (field !== undefined && !use.inMatch) throw new FlowError(`slot(${slot}) is not in the template's match`);
      forgetWaiting((waits) => waits[slot] === number);
      for (const row of rows) if (rows.at(row, slot) === number) rows.remove(row);
      const one = flowOf(ones.with(slot, number));
      const others = new Set(slots.flatMap(({ uses, inMatch }, i) => (inMatch && i !== slot ? uses : [])));
      const kept = Object.entries(one.match).filter(([name]) => !others.has(name as never));
      const match = Object.fromEntries(kept) as Match;
      const port = field === undefined ? { outPort: number } : {};
      parts.send(flowsDelete({ ...allOf(one.cookie, place.tableId), match, ...port }));
    },
    standing: () => Array.from(rows, numbersOf),
    follow() {
      if (compiled?.version === parts.weaver.version && waiting.length === 0 && resendFrom === NO_ROW) return;
      const now = current(parts.weaver.version);
      const waited = waiting.splice(0);
      if (now === undefined) return;
      if (resendFrom !== NO_ROW) sendAgain(now);
      for (const numbers of waited) {
        values.set(numbers);
        add(now.version);
      }
    },
    adopt(flow) {
      const { add: bytes, cookie } = compiled ?? compile();
      if (flow.cookie !== cookie || flow.tableId !== place.tableId || flow.priority !== spec.priority) return false;
      const found = recognise(flow, { bytes, like: () => flowOf(ones) }, values);
      if (found === 'another') return false;
      if (found === 'misled') resendFrom = 0;
      rows.put(values);
      return true;
    },
    ended({ match }) {
      takeMatched(slots, match, values);
      const row = rows.find(values);
      if (row < 0) return undefined;
      const numbers = numbersOf(row);
      rows.remove(row);
      return numbers;
    },
    refused(row, reason) {
      if (row >= 0) rows.remove(row);
      parts.refused(place.app.name, intent, reason);
    },
    *flows() {
      for (const row of rows) {
        shown[row] ??= flowOf(numbersOf(row));
        yield shown[row];
      }
    },
  };
  return template;
}

function allOf(cookie: bigint, tableId: number) {
  return { cookie, cookieMask: 0xffff_ffff_ffff_ffffn, tableId };
}
