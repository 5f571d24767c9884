/** What the log and the events say of a switch's flows. Of many lines at once the first are told, and how many more there were. */

import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { SyncResult } from '../flow/reconcile/transfer.ts';
import { counted } from '../text/counted.ts';

export interface SwitchLog {
  synchronised(result: SyncResult, drift: readonly string[]): void;
  refused(text: string): void;
  untold(text: string): void;
  failed(error: Error): void;
}

export type Happened = (kind: 'switch' | 'drift' | 'refused', subject: string, text: string) => void;

/** Lines of one kind, of a burst. */
const MOST = 20;
const BURST_MS = 1000;

export function createSwitchLog(
  name: () => string,
  log: Logger,
  happened: Happened,
  clock: Clock = systemClock,
): SwitchLog {
  const refused = inBursts(
    clock,
    (text) => {
      log.error(`${name()} refused a flow: ${text}`);
      happened('refused', name(), text);
    },
    (count) => {
      log.error(`${name()} refused ${count} more; \`flowloom status\` lists them`);
      happened('refused', name(), `and ${count} more`);
    },
  );
  const drifted = inBursts(
    clock,
    (text) => {
      log.warn(`${name()}: drift repaired: ${text}`);
      happened('drift', name(), text);
    },
    (count) => {
      log.warn(`${name()}: and ${count} more repaired; /api/v1/drift has the last ones`);
      happened('drift', name(), `and ${count} more`);
    },
  );
  return {
    synchronised({ added, deleted, groups, unchanged }, drift) {
      for (const line of drift) drifted(line);
      if (added + deleted + groups > 0) {
        const left = `${unchanged} left as ${unchanged === 1 ? 'it was' : 'they were'}`;
        log.info(`${name()}: ${counted(added, 'flow')} added, ${deleted} deleted, ${left}`);
      } else log.info(`${name()} is as it should be: ${counted(unchanged, 'flow')}, nothing to send`);
    },
    refused,
    untold: (text) => log.warn(`${name()}: ${text}`),
    failed: (error) => log.error(`${name()}: ${error.message}`),
  };
}

function inBursts(
  clock: Clock,
  tell: (line: string) => void,
  tellRest: (count: number) => void,
): (line: string) => void {
  let count = 0;
  return (line) => {
    if (count === 0) {
      clock.after(BURST_MS, () => {
        const rest = count - MOST;
        count = 0;
        if (rest > 0) tellRest(rest);
      });
    }
    count++;
    if (count <= MOST) tell(line);
  };
}
