/** Switches and their ports, as the API tells them. */

import {
  flag,
  integer,
  type JsonSchema,
  type JsonSchemas,
  list,
  object,
  oneOf,
  orNull,
  ref,
  text,
  time,
} from './schema.ts';

export interface SwitchStatus {
  /** 16 hex digits. */
  dpid: string;
  /** `hv1/br0`, or the dpid where no host of the file owns it. */
  name: string;
  host: string | null;
  bridge: string | null;
  state: 'connecting' | 'synchronising' | 'up' | 'down';
  since: number;
  /** Remote address of the OpenFlow connection. */
  address: string | null;
  description: string | null;
  flows: number;
  foreignFlows: number;
  /** The last synchronisation: how many flows it added and deleted. */
  sync: { at: number; added: number; deleted: number; unchanged: number } | null;
  /** Flows the switch refused: what and why. */
  refused: string[];
  /** What others changed of ours and was repaired: how often, and what it was last. */
  drift: { seen: number; last: string | null };
  ports: PortStatus[];
}

export interface PortStatus {
  number: number;
  name: string;
  mac: string;
  up: boolean;
  /** Segments by name, as the file says. */
  segments: string[];
  rxPackets: number;
  txPackets: number;
  rxBytes: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  /** Bits per second. */
  rxRate: number;
  txRate: number;
}

/** A port beside its switch, as `/ports` lists them. */
export type SwitchPort = PortStatus & { dpid: string; switch: string };

const port: Record<keyof PortStatus, JsonSchema> = {
  number: integer,
  name: text,
  mac: text,
  up: flag,
  segments: list(text),
  rxPackets: integer,
  txPackets: integer,
  rxBytes: integer,
  txBytes: integer,
  rxDropped: integer,
  txDropped: integer,
  rxRate: { type: 'number', description: 'Bits per second' },
  txRate: { type: 'number', description: 'Bits per second' },
};

export const switchSchemas: JsonSchemas = {
  SwitchStatus: object<SwitchStatus>({
    dpid: { type: 'string', description: '16 hex digits' },
    name: text,
    host: orNull(text),
    bridge: orNull(text),
    state: oneOf('connecting', 'synchronising', 'up', 'down'),
    since: time,
    address: orNull(text),
    description: orNull(text),
    flows: integer,
    foreignFlows: integer,
    sync: orNull(object({ at: time, added: integer, deleted: integer, unchanged: integer })),
    refused: list(text),
    drift: object({ seen: integer, last: orNull(text) }),
    ports: list(ref('PortStatus')),
  }),
  PortStatus: object<PortStatus>(port),
  SwitchPort: object<SwitchPort>({ dpid: text, switch: text, ...port }),
};
