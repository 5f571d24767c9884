/** Apps, whether they run, and the sums over what they do. */

import { by, integer, type JsonSchemas, object, oneOf, orNull, text } from './schema.ts';

export interface AppStatus {
  name: string;
  /** Where the file or the command line names it; null: it is always there. */
  source: string | null;
  state: 'running' | 'failed';
  error: string | null;
  /** How often it has failed. */
  errors: number;
  /** As it was checked, with its defaults. */
  config: unknown;
  /** The app's own, by name. */
  counters: Record<string, number>;
  flows: number;
  packets: number;
  bytes: number;
  packetIns: number;
  /** Not handled: the app had more than its share of the time, or their switch is behind. */
  packetInsDropped: number;
  /** Packet-outs and flows with a timeout of the app that were too many, and not sent. */
  sendsDropped: number;
}

export const appSchemas: JsonSchemas = {
  AppStatus: object<AppStatus>({
    name: text,
    source: { ...orNull(text), description: 'file:line; null: it is always there' },
    state: oneOf('running', 'failed'),
    error: orNull(text),
    errors: integer,
    config: { description: 'As it was checked, with its defaults' },
    counters: by(integer, "The app's own, by name"),
    flows: integer,
    packets: integer,
    bytes: integer,
    packetIns: integer,
    packetInsDropped: integer,
    sendsDropped: integer,
  }),
};
