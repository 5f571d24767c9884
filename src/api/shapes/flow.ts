/** A flow of a switch, with whose it is, why it is there and what it counted. */

import { integer, type JsonSchemas, object, orNull, text } from './schema.ts';

/** One flow of one switch; its rows are sent under the stream's topic `flows`. */
export interface FlowStatus {
  /** Stable while the flow stands: `dpid/table/priority/match`. */
  id: string;
  dpid: string;
  switch: string;
  table: number;
  /** `firewall`, or the number where it is not ours. */
  tableName: string;
  priority: number;
  /** In ovs-ofctl's text. */
  match: string;
  actions: string;
  /** `0x…`, 16 hex digits. */
  cookie: string;
  /** null: a foreign flow. */
  app: string | null;
  intent: string | null;
  source: string | null;
  packets: number;
  bytes: number;
  packetRate: number;
  /** Bits per second. */
  bitRate: number;
  /** Seconds since the switch installed it. */
  duration: number;
}

export const flowSchemas: JsonSchemas = {
  FlowStatus: object<FlowStatus>({
    id: { type: 'string', description: 'Stable while the flow stands' },
    dpid: text,
    switch: text,
    table: integer,
    tableName: text,
    priority: integer,
    match: { type: 'string', description: "In ovs-ofctl's text" },
    actions: { type: 'string', description: "In ovs-ofctl's text" },
    cookie: { type: 'string', description: '0x and 16 hex digits' },
    app: { ...orNull(text), description: 'null: a foreign flow' },
    intent: orNull(text),
    source: { ...orNull(text), description: 'file:line' },
    packets: integer,
    bytes: integer,
    packetRate: { type: 'number', description: 'Packets per second' },
    bitRate: { type: 'number', description: 'Bits per second' },
    duration: { type: 'number', description: 'Seconds since the switch installed it' },
  }),
};
