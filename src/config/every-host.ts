// Writes out what the file says of every host: `hosts: all` of a bridge, and its ports `*/NAME` on each of them.

import { type Path, pointerOf } from './path.ts';
import type { BridgeForm, FileForm, WrittenForm } from './schema-file.ts';

export interface WrittenOut {
  form: FileForm;
  /** Where a port that was written out stands in the file: by JSON pointer of its own path. */
  places: Map<string, Path>;
}

type WrittenBridge = NonNullable<WrittenForm['bridges']>[string];

/** `hosts`: the names that the file declares, in its order. */
export function writeOutHosts(form: WrittenForm, hosts: readonly string[]): WrittenOut {
  const places: WrittenOut['places'] = new Map();
  const bridges = Object.entries(form.bridges ?? {}).map(([name, bridge]): [string, BridgeForm] => [
    name,
    writeOutBridge(name, bridge, hosts, places),
  ]);
  return { form: { ...form, bridges: Object.fromEntries(bridges) }, places };
}

function writeOutBridge(
  bridge: string,
  given: WrittenBridge,
  declared: readonly string[],
  places: WrittenOut['places'],
): BridgeForm {
  const hosts = given.hosts === 'all' ? [...declared] : given.hosts;
  const ports: NonNullable<BridgeForm['ports']> = {};
  for (const [key, port] of Object.entries(given.ports ?? {})) {
    if (!key.startsWith('*/')) {
      ports[key] = port;
      continue;
    }
    for (const host of hosts) {
      const own = `${host}${key.slice(1)}`;
      // What the file says of one host alone counts there. A host that it does not declare is told of elsewhere.
      if (Object.hasOwn(given.ports ?? {}, own) || !declared.includes(host)) continue;
      ports[own] = port;
      places.set(pointerOf(['bridges', bridge, 'ports', own]), ['bridges', bridge, 'ports', key]);
    }
  }
  return { ...given, hosts, ports: given.ports && ports };
}
