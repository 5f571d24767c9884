/** The smallest case that still deviates: parts are left out one by one for as long as it does. */

import type { Action } from '../../proto/openflow/action.ts';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import type { VerdictCase } from './verdict-case.ts';

/** `deviates`: whether a smaller case deviates as the whole one does. At most `most` cases are tried. */
export async function shrink(
  whole: VerdictCase,
  deviates: (smaller: VerdictCase) => Promise<boolean>,
  most = 2000,
): Promise<VerdictCase> {
  let best = whole;
  let tried = 0;
  for (let again = true; again; ) {
    again = false;
    for (const smaller of smallerThan(best)) {
      if (tried++ >= most) return best;
      if (!(await deviates(smaller))) continue;
      best = smaller;
      again = true;
      break;
    }
  }
  return best;
}

function* without<T>(list: readonly T[]): Generator<T[]> {
  // Halves first: most of a case has nothing to do with what is wrong.
  if (list.length > 3) {
    const half = list.length >> 1;
    yield list.slice(half);
    yield list.slice(0, half);
  }
  for (let i = list.length - 1; i >= 0; i--) yield [...list.slice(0, i), ...list.slice(i + 1)];
}

function* replaced<T>(list: readonly T[], smaller: (item: T) => Iterable<T>): Generator<T[]> {
  for (let i = 0; i < list.length; i++) {
    for (const item of smaller(list[i]!)) yield [...list.slice(0, i), item, ...list.slice(i + 1)];
  }
}

function* smallerThan({ about, messages, steps }: VerdictCase): Generator<VerdictCase> {
  for (const fewer of without(steps)) if (fewer.length > 0) yield { about, messages, steps: fewer };
  for (const fewer of without(messages)) yield { about, messages: fewer, steps };
  for (const changed of replaced(messages, smallerMessages)) yield { about, messages: changed, steps };
  for (const changed of replaced(steps, smallerSteps)) yield { about, messages, steps: changed };
}

function* smallerSteps(step: VerdictCase['steps'][number]): Generator<VerdictCase['steps'][number]> {
  if (step.type !== 'packetOut') return;
  const { message } = step;
  for (const actions of smallerActions(message.actions)) yield { ...step, message: { ...message, actions } };
}

function* smallerMessages(message: MessageBody): Generator<MessageBody> {
  if (message.type === 'flowMod') yield* smallerFlows(message);
  if (message.type !== 'groupMod') return;
  for (const buckets of without(message.buckets)) if (buckets.length > 0) yield { ...message, buckets };
  for (const buckets of replaced(message.buckets, function* (bucket) {
    for (const actions of smallerActions(bucket.actions)) yield { ...bucket, actions };
  })) {
    yield { ...message, buckets };
  }
}

function* smallerFlows(flow: FlowMod): Generator<FlowMod> {
  for (const instructions of without(flow.instructions)) yield { ...flow, instructions };
  for (const instructions of replaced(flow.instructions, smallerInstructions)) yield { ...flow, instructions };
  for (const name of Object.keys(flow.match)) {
    const { [name as 'inPort']: _, ...match } = flow.match;
    yield { ...flow, match };
  }
}

function* smallerInstructions(instruction: Instruction): Generator<Instruction> {
  if (instruction.type !== 'applyActions' && instruction.type !== 'writeActions') return;
  for (const actions of smallerActions(instruction.actions)) {
    if (actions.length > 0) yield { ...instruction, actions };
  }
}

function* smallerActions(actions: readonly Action[]): Generator<Action[]> {
  yield* without(actions);
  yield* replaced(actions, function* (action) {
    if (action.type === 'clone' || action.type === 'ct') {
      for (const inner of smallerActions((action as { actions: readonly Action[] }).actions)) {
        yield { ...action, actions: inner } as Action;
      }
    }
    if (action.type === 'learn' || action.type === 'learn2') {
      for (const specs of without(action.specs)) yield { ...action, specs } as Action;
    }
  });
}
