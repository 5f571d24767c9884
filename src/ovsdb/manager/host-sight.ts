/** What was last seen of a host, for status and for the flow side; it is made when somebody asks, or when nothing is more urgent. */
import type { Logger } from 'pino';
import type { Snapshot } from '../replica/replica.ts';
import type { HostDesired } from './desired.ts';
import { emptyView, type HostView, viewHost, waitingPorts } from './host-view.ts';
import type { ManagedTables } from './managed-tables.ts';

export interface HostSight {
  /** A review saw this; `taken` is called once it was looked at, unless somebody asked before. */
  see(snapshot: Snapshot<ManagedTables>, wanted: HostDesired): void;
  view(): HostView;
  /** Ports of the file that wait for their device, one line each. */
  waiting(): string[];
  /** The next view is made anew: the file, or the connection, is another. */
  reset(greet: boolean): void;
  stop(): void;
}

export function createHostSight(name: string, log: Logger, taken: () => void): HostSight {
  let view = emptyView;
  /** What the view was made from. */
  let seen: Snapshot<ManagedTables> | undefined;
  /** What the last review saw and nobody was told of yet. */
  let unseen: { snapshot: Snapshot<ManagedTables>; wanted: HostDesired } | undefined;
  let waiting = new Map<string, string>();
  let timer: NodeJS.Immediate | undefined;
  /** Of this connection, whether the log has told it. */
  let greeted = false;

  function look(): void {
    clearImmediate(timer);
    timer = undefined;
    if (unseen === undefined) return;
    const { snapshot, wanted } = unseen;
    unseen = undefined;
    if (seen === undefined || !sameTables(seen, snapshot)) view = viewHost(snapshot, wanted.owner);
    seen = snapshot;
    if (!greeted)
      log.info(`${name}: connected to Open vSwitch${view.ovsVersion === undefined ? '' : ` ${view.ovsVersion}`}`);
    greeted = true;
    noteWaiting(waitingPorts(view, wanted));
  }

  function noteWaiting(next: Map<string, string>): void {
    for (const [port, line] of next) if (waiting.get(port) !== line) log.info(`${name}: waiting for a device: ${line}`);
    for (const port of waiting.keys()) if (!next.has(port)) log.info(`${name}: ${port} waits no longer`);
    waiting = next;
  }

  return {
    see(snapshot, wanted) {
      unseen = { snapshot, wanted };
      timer ??= setImmediate(() => {
        look();
        taken();
      });
    },
    view() {
      if (unseen !== undefined) {
        look();
        setImmediate(taken);
      }
      return view;
    },
    waiting: () => [...waiting.values()],
    reset(greet) {
      seen = undefined;
      if (greet) greeted = false;
    },
    stop() {
      unseen = undefined;
      clearImmediate(timer);
    },
  };
}

/** Whether all is the same that the view tells of. */
function sameTables(a: Snapshot<ManagedTables>, b: Snapshot<ManagedTables>): boolean {
  return (['Open_vSwitch', 'Bridge', 'Port', 'Interface'] as const).every((table) => a[table] === b[table]);
}
