/** What has happened. */

import { type JsonSchemas, object, oneOf, text, time } from './schema.ts';

export const EVENT_KINDS = ['file', 'host', 'switch', 'drift', 'refused', 'app'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface EventStatus {
  /** Rises by one. */
  id: number;
  time: number;
  kind: EventKind;
  /** The file, host, switch or app. */
  subject: string;
  text: string;
}

export const eventSchemas: JsonSchemas = {
  EventStatus: object<EventStatus>({
    id: { type: 'integer', description: 'Rises by one' },
    time,
    kind: oneOf(...EVENT_KINDS),
    subject: { type: 'string', description: 'The file, host, switch or app' },
    text,
  }),
};
