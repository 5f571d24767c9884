// Arbitrary `controller` that Open vSwitch accepts, in both of Nicira's forms, and its text.
import fc from 'fast-check';
import { u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, dotted, kind, option } from './action-kind.ts';

const REASONS = { tableMiss: 'no_match', applyAction: '', invalidTtl: 'invalid_ttl' } as const;
const reason = fc.constantFrom('tableMiss' as const, 'applyAction' as const, 'invalidTtl' as const);

function controllerText(max: number, id: number, why: keyof typeof REASONS, more: readonly string[] = []): string {
  const told = REASONS[why] === '' ? [] : [`reason=${REASONS[why]}`];
  const words = [...told, ...option('max_len', max, 0xffff), ...option('id', id, 0), ...more];
  if (told.length === 0 && id === 0 && more.length === 0) return `CONTROLLER:${max}`;
  return `controller(${words.join(',')})`;
}

export const CONTROLLER_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  controller: [
    kind(
      ANY,
      fc.tuple(u16, fc.oneof(u16, fc.constant(0)), reason),
      ([maxLen, controllerId, why]) => ({ type: 'controller', maxLen, controllerId, reason: why }),
      ([maxLen, id, why]) => controllerText(maxLen, id, why),
    ),
  ],
  controller2: [
    kind(
      ANY,
      fc.tuple(u16, u16, reason, fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.boolean(), u32),
      ([maxLen, controllerId, why, data, pause, meterId]) => ({
        type: 'controller2',
        properties: [
          { type: 'maxLen', maxLen },
          { type: 'controllerId', controllerId },
          { type: 'reason', reason: why },
          { type: 'userdata', data },
          ...(pause ? [{ type: 'pause' }] : []),
          { type: 'meterId', meterId },
        ],
      }),
      ([maxLen, id, why, data, pause, meter]) =>
        controllerText(maxLen, id, why, [
          `userdata=${dotted(data)}`,
          ...(pause ? ['pause'] : []),
          ...(meter === 0 ? [] : [`meter_id=${meter}`]),
        ]),
    ),
  ],
};
