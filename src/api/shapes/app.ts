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
  code: {
    /** The path or package that it was loaded from; null: it is built in. */
    from: string | null;
    /** When the code that runs was loaded; null: with Flowloom itself. */
    loadedAt: number | null;
    /** Why newer code of it does not run, and this goes on; null: there is none. */
    refused: string | null;
  };
  /** As it was checked, with its defaults. */
  config: unknown;
  /** The app's own, by name. */
  counters: Record<string, number>;
  flows: number;
  packets: number;
  bytes: number;
  packetIns: number;
  /** Not handled: the app paused after a failure, it had more than its share of the time, or their switch is behind. */
  packetInsDropped: number;
  /** Packet-outs and flows with a timeout of the app that were too many, and not sent. */
  sendsDropped: number;
  /** Flows beyond the million without a timeout that an app may have in one switch. */
  flowsLeftOut: number;
}

export const appSchemas: JsonSchemas = {
  AppStatus: object<AppStatus>({
    name: text,
    source: { ...orNull(text), description: 'file:line; null: it is always there' },
    state: oneOf('running', 'failed'),
    error: orNull(text),
    errors: integer,
    code: object<AppStatus['code']>({
      from: { ...orNull(text), description: 'The path or package that it was loaded from; null: it is built in' },
      loadedAt: { ...orNull(integer), description: 'Of the code that runs' },
      refused: { ...orNull(text), description: 'Why newer code of it does not run, and this goes on' },
    }),
    config: { description: 'As it was checked, with its defaults' },
    counters: by(integer, "The app's own, by name"),
    flows: integer,
    packets: integer,
    bytes: integer,
    packetIns: integer,
    packetInsDropped: integer,
    sendsDropped: integer,
    flowsLeftOut: integer,
  }),
};
