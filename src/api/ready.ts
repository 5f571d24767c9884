/** Whether everything that the file names is there and up; what `/readyz` answers. */

import { flag, type JsonSchemas, list, object, text } from './shapes/schema.ts';
import type { Snapshot } from './snapshot.ts';

/** What is still awaited, one line each; empty: ready. */
export function awaited(snapshot: Snapshot): string[] {
  const hosts = snapshot.hosts
    .filter((host) => host.state !== 'connected')
    .map((host) => `host ${host.name}: ${host.state}${host.error === null ? '' : `, ${host.error}`}`);
  const switches = snapshot.switches
    .filter((one) => one.state !== 'up')
    .map((one) => `switch ${one.name}: ${one.state}`);
  return [...hosts, ...switches];
}

export interface Ready {
  ready: boolean;
  awaited: string[];
}

export const readySchemas: JsonSchemas = {
  Ready: object<Ready>({ ready: flag, awaited: list(text) }),
};
