/** What has happened, the last of it: switches and hosts that came and went, drift, refusals, files, apps that failed. */

import type { EventKind, EventStatus } from '../api/snapshot.ts';
import type { ToldEvent } from '../app/telling.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';

export interface Happenings {
  add(kind: EventKind, subject: string, text: string): void;
  /** An app told people something. */
  told(event: ToldEvent): void;
  /** Compares hosts and apps with what they were at the last look. */
  look(): void;
  /** Oldest first. */
  list(): readonly EventStatus[];
}

export interface HappeningsParts {
  hosts(): Pick<HostManager, 'status'> | undefined;
  apps(): Iterable<{ name: string; error: string | null; errors: number; refused: string | null }>;
}

/** Of what apps told, and of all else: a firewall that logs much leaves the other events there. */
const MOST = 1000;

export function createHappenings({ hosts, apps }: HappeningsParts): Happenings {
  const events: EventStatus[] = [];
  const told: EventStatus[] = [];
  const hostsThen = new Map<string, { state: string; error: string | null; drift: number }>();
  const appsThen = new Map<string, { error: string | null; errors: number; refused: string | null }>();
  let id = 0;

  function add(kind: EventKind, subject: string, text: string): void {
    enter(events, { id: ++id, time: Date.now(), kind, subject, text, level: null, fields: {} });
  }

  function lookAtHosts(): void {
    const names = new Set<string>();
    for (const { name, state, error, drift } of hosts()?.status() ?? []) {
      names.add(name);
      const then = hostsThen.get(name) ?? { state: '', error: null, drift: 0 };
      hostsThen.set(name, { state, error, drift: drift.seen });
      if (state !== then.state)
        add('host', name, error === null || state === 'connected' ? state : `${state}: ${error}`);
      if (error !== null && error !== then.error && state === 'connected') add('refused', name, error);
      const fresh = Math.min(drift.seen - then.drift, drift.recent.length);
      for (const line of fresh > 0 ? drift.recent.slice(-fresh) : []) {
        add('drift', name, `${line}${drift.left.includes(line) ? ', left so' : ''}`);
      }
    }
    keepOnly(hostsThen, names);
  }

  function lookAtApps(): void {
    const names = new Set<string>();
    for (const { name, error, errors, refused } of apps()) {
      names.add(name);
      const then = appsThen.get(name) ?? { error: null, errors: 0, refused: null };
      appsThen.set(name, { error, errors, refused });
      if (refused !== null && refused !== then.refused)
        add('app', name, `its new version can't begin, the old one goes on: ${refused}`);
      if (errors > then.errors) add('app', name, error ?? 'failed, and runs again');
      else if (error === null && then.error !== null) add('app', name, 'runs again');
    }
    keepOnly(appsThen, names);
  }

  return {
    add,
    look() {
      lookAtHosts();
      lookAtApps();
    },
    told({ app, switch: at, level, text, fields }) {
      if (level === 'debug') return;
      const where = at === undefined ? {} : { switch: at };
      const event = { kind: 'app', subject: app, text, level, fields: { ...where, ...fields } } as const;
      enter(told, { id: ++id, time: Date.now(), ...event });
    },
    list: () => [...events, ...told].sort((one, other) => one.id - other.id),
  };
}

function enter(list: EventStatus[], event: EventStatus): void {
  list.push(event);
  if (list.length > MOST) list.shift();
}

/** What the file names no more is forgotten. */
function keepOnly(map: Map<string, unknown>, names: ReadonlySet<string>): void {
  for (const name of map.keys()) if (!names.has(name)) map.delete(name);
}
