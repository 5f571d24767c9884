/** What has happened. */

import type { TellFields, TellLevel } from '../../app/published.ts';
import { by, flag, type JsonSchemas, number, object, oneOf, orNull, text, time } from './schema.ts';

export const EVENT_KINDS = ['file', 'host', 'switch', 'drift', 'refused', 'app'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const EVENT_LEVELS = ['info', 'notice', 'warn', 'error'] as const satisfies readonly TellLevel[];
export type EventLevel = (typeof EVENT_LEVELS)[number];

export interface EventStatus {
  /** Rises by one. */
  id: number;
  time: number;
  kind: EventKind;
  /** The file, host, switch or app. */
  subject: string;
  text: string;
  /** What an app told; null: of all else. */
  level: EventLevel | null;
  /** What it told of it: of a logged packet the rule and the addresses. */
  fields: TellFields;
}

export const eventSchemas: JsonSchemas = {
  EventStatus: object<EventStatus>({
    id: { type: 'integer', description: 'Rises by one' },
    time,
    kind: oneOf(...EVENT_KINDS),
    subject: { type: 'string', description: 'The file, host, switch or app' },
    text,
    level: orNull(oneOf(...EVENT_LEVELS)),
    fields: by(
      { anyOf: [text, number, flag, { type: 'null' }] },
      'What an app told of it: of a logged packet the rule and the addresses',
    ),
  }),
};
