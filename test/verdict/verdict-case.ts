/** One case: what a controller installs, and what then happens to the switch. A number and a seed make it, the same every time. */

import type { MessageBody, MessageOf } from '../../proto/openflow/message.ts';
import type { Random } from '../fuzz/random.ts';
import { createRandom } from '../fuzz/random.ts';
import type { CaseKind } from './action-choice.ts';
import { chooseActions } from './action-choice.ts';
import { chooseConversation } from './conversation-choice.ts';
import { likely } from './likely.ts';
import { choosePacket } from './packet-choice.ts';
import { choosePipeline, SELECTED_FROM } from './pipeline-choice.ts';

export type Step =
  | { type: 'frame'; port: number; frame: Uint8Array }
  /** The frame that left the real switch last by some port comes back as its answer: addresses and ports change sides. */
  | { type: 'answer' }
  | { type: 'packetOut'; message: MessageOf<'packetOut'> };

export interface VerdictCase {
  about: CaseKind;
  messages: MessageBody[];
  steps: Step[];
}

const ABOUT: readonly CaseKind[] = [
  ...(['anything', 'anything', 'anything', 'anything', 'anything', 'anything', 'anything'] as const),
  ...(['connections', 'connections', 'connections', 'learn', 'normal', 'select'] as const),
];

/** Any seed and number from 0 on. */
export function makeCase(seed: number, number: number): VerdictCase {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  // Neighbouring seeds of this generator start alike.
  for (let i = 0; i < 3; i++) random.below(1);
  const about = random.pick(ABOUT);
  const port = about === 'select' ? SELECTED_FROM : 1 + random.below(4);
  const count = 2 + random.below(4);
  const packets =
    about === 'connections'
      ? chooseConversation(random, count)
      : Array.from({ length: count }, () => choosePacket(random));
  const messages = choosePipeline(
    random,
    about,
    packets.map(({ facts }) => ({ facts, inPort: port })),
  );
  const steps: Step[] = [];
  for (const { frame } of packets) {
    const from = about === 'select' || likely(random, 75) ? port : 1 + random.below(4);
    steps.push({ type: 'frame', port: from, frame });
    if (about === 'connections' && likely(random, 55)) steps.push({ type: 'answer' });
    // What a packet-out learns is not held to its limit there.
    if (about !== 'select' && about !== 'learn' && likely(random, 6)) steps.push(choosePacketOut(random, frame, about));
    if (about === 'learn' || (about !== 'select' && likely(random, 10)))
      steps.push({ type: 'frame', port: 1 + random.below(4), frame });
  }
  return { about, messages, steps };
}

function choosePacketOut(random: Random, data: Uint8Array, about: CaseKind): Step {
  const wishes = {
    table: 0,
    lastTable: 0,
    groups: [],
    about: about === 'normal' ? about : 'anything',
    sets: false,
    pops: false,
    forces: false,
  } as const;
  const actions = likely(random, 60)
    ? [{ type: 'output', port: 'table', maxLen: 0 } as const]
    : chooseActions(random, {}, wishes).filter(({ type }) => type !== 'conjunction');
  const inPort = likely(random, 70) ? 1 + random.below(4) : random.pick(['controller', 'any', 'local'] as const);
  return { type: 'packetOut', message: { type: 'packetOut', xid: 0, bufferId: 0xffffffff, inPort, actions, data } };
}
