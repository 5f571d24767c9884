/** What others changed of what is ours. */

import type { HostStatus } from './host.ts';
import { integer, type JsonSchemas, list, object, oneOf, orNull, ref, text, time } from './schema.ts';

export interface DriftStatus {
  switches: SwitchDrift[];
  hosts: HostDrift[];
}

export interface SwitchDrift {
  dpid: string;
  switch: string;
  /** How often since it connected. */
  seen: number;
  /** The last of it, newest last. All of it was repaired. */
  recent: { time: number; text: string; app: string | null; intent: string | null; source: string | null }[];
}

export type HostDrift = HostStatus['drift'] & { host: string };

export const driftSchemas: JsonSchemas = {
  DriftStatus: object<DriftStatus>({ switches: list(ref('SwitchDrift')), hosts: list(ref('HostDrift')) }),
  SwitchDrift: object<SwitchDrift>({
    dpid: text,
    switch: text,
    seen: integer,
    recent: list(object({ time, text, app: orNull(text), intent: orNull(text), source: orNull(text) })),
  }),
  HostDrift: object<HostDrift>({
    host: text,
    mode: oneOf('repair', 'report'),
    seen: integer,
    recent: list(text),
    left: list(text),
  }),
};
