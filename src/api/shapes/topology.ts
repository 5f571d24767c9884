/** Cables between switches, and the ports that are closed so that no frame goes round. */

import { integer, type JsonSchema, type JsonSchemas, list, object, oneOf, orNull, ref, text } from './schema.ts';

/** Cables between switches, as probes found them, and what is closed so that no frame goes round. */
export interface TopologyStatus {
  /** False: after a start not all switches have been heard yet, and what stands closed stays so. */
  settled: boolean;
  cables: CableStatus[];
  closedPorts: ClosedPortStatus[];
}

export interface CableStatus {
  a: CableEnd;
  b: CableEnd;
  /** `blocked`: it would close a loop. `one way`: heard in one direction only, from `a` to `b`. */
  state: 'carrying' | 'blocked' | 'one way';
  /** The switches of the loop that it would close, by name, once round. */
  loop: string[];
}

export interface CableEnd {
  dpid: string;
  switch: string;
  /** By number, and by name. */
  port: number;
  name: string;
}

export interface ClosedPortStatus extends CableEnd {
  /** By name; null: nothing passes. */
  segments: string[] | null;
  why: string;
}

const end: Record<keyof CableEnd, JsonSchema> = { dpid: text, switch: text, port: integer, name: text };

export const topologySchemas: JsonSchemas = {
  TopologyStatus: object<TopologyStatus>({
    settled: { type: 'boolean', description: 'false: after a start not all switches have been heard yet' },
    cables: list(ref('CableStatus')),
    closedPorts: list(ref('ClosedPortStatus')),
  }),
  CableStatus: object<CableStatus>({
    a: object<CableEnd>(end),
    b: object<CableEnd>(end),
    state: oneOf('carrying', 'blocked', 'one way'),
    loop: list({ type: 'string', description: 'Switches of the loop that it would close' }),
  }),
  ClosedPortStatus: object<ClosedPortStatus>({
    ...end,
    segments: { ...orNull(list(text)), description: 'null: nothing passes' },
    why: text,
  }),
};
