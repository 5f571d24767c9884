/** Zones of the firewall. */

import { type JsonSchemas, list, object, text } from './schema.ts';

export interface ZoneStatus {
  name: string;
  source: string;
  /** As the file writes them: `edge/loc`. */
  members: string[];
}

export const zoneSchemas: JsonSchemas = {
  ZoneStatus: object<ZoneStatus>({ name: text, source: text, members: list(text) }),
};
