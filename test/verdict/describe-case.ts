/** A case and its deviation in words: what ovs-ofctl would be told, the packets, and what each side made of them. */

import type { Bucket, GroupMod } from '../../proto/openflow/group-mod.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { formatActions } from '../../src/flow/text/action-list.ts';
import { formatFlow } from '../../src/flow/text/format-flow.ts';
import { formatPort } from '../../src/flow/text/port-words.ts';
import { type Deviation, shown } from './compare.ts';
import type { Step, VerdictCase } from './verdict-case.ts';

export function describeCase({ messages, steps }: VerdictCase): string {
  return [...messages.map(describeMessage), ...steps.map(describeStep)].join('\n');
}

export function describeDeviation(vcase: VerdictCase, { what, step, input, real, other, trace }: Deviation): string {
  const where = step === undefined ? '' : ` at step ${step}`;
  const came = input === undefined ? [] : [`  in: port ${input}`];
  return [
    describeCase(vcase),
    `differs in ${what}${where}`,
    ...came,
    `  real:  ${JSON.stringify(real)}`,
    `  ${what === 'trace' ? 'trace' : 'ours'}:  ${JSON.stringify(other)}`,
    ...(trace === undefined ? [] : [trace.replace(/^/gm, '    ')]),
  ].join('\n');
}

function describeMessage(message: MessageBody): string {
  if (message.type === 'flowMod') return `add-flow ${formatFlow(message)}`;
  if (message.type === 'groupMod') return describeGroup(message);
  return JSON.stringify(shown(message));
}

const GROUP_TYPES: Readonly<Record<string, string>> = { fastFailover: 'ff' };

function describeGroup({ groupId, groupType, buckets }: GroupMod): string {
  return `add-group group_id=${groupId},type=${GROUP_TYPES[groupType] ?? groupType}${buckets.map(describeBucket).join('')}`;
}

function describeBucket({ weight, watchPort, watchGroup, actions }: Bucket): string {
  const words = [
    ...(weight > 0 ? [`weight:${weight}`] : []),
    ...(watchPort === 'any' ? [] : [`watch_port:${formatPort(watchPort)}`]),
    ...(watchGroup === 'any' ? [] : [`watch_group:${watchGroup}`]),
    `actions=${formatActions(actions)}`,
  ];
  return `,bucket=${words.join(',')}`;
}

function describeStep(step: Step): string {
  switch (step.type) {
    case 'frame':
      return `frame to port ${step.port}: ${Buffer.from(step.frame).toString('hex')}`;
    case 'answer':
      return 'the answer to the last frame that left';
    case 'packetOut': {
      const { inPort, actions, data } = step.message;
      const packet = Buffer.from(data).toString('hex');
      return `packet-out in_port=${formatPort(inPort)} packet=${packet} actions=${formatActions(actions)}`;
    }
  }
}
