/** How often a switch is looked at, and how often it is repaired. */

import { setTimeout as delay } from 'node:timers';

export interface AuditOptions {
  /** Seconds between audits, where a flow monitor tells of changes, and where none does. Default 60 and 5. */
  auditSeconds?: number;
  blindAuditSeconds?: number;
}

export interface Audits {
  /** From now on, from time to time. */
  start(): void;
  stop(): void;
}

const AUDIT_SECONDS = 60;
const BLIND_AUDIT_SECONDS = 5;
/** Reading a large switch must not be all that is done: at most this share of the time. */
const AUDIT_SHARE = 1 / 20;

/** `isBlind`: no flow monitor tells of changes. */
export function createAudits(audit: () => Promise<unknown>, isBlind: () => boolean, options: AuditOptions): Audits {
  const { auditSeconds = AUDIT_SECONDS, blindAuditSeconds = BLIND_AUDIT_SECONDS } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function later(spentMs: number): void {
    timer = delay(
      async () => {
        const start = Date.now();
        await audit();
        if (!stopped) later(Date.now() - start);
      },
      Math.max((isBlind() ? blindAuditSeconds : auditSeconds) * 1000, spentMs / AUDIT_SHARE),
    );
    timer.unref();
  }

  return {
    start() {
      if (timer === undefined && !stopped) later(0);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

export interface Repairs {
  /** At once, unless it has just been done. */
  soon(): void;
  stop(): void;
}

/** Milliseconds between repairs, should somebody else put it back each time. */
const REPAIR_MS = 100;

export function createRepairs(repair: () => void): Repairs {
  let timer: NodeJS.Timeout | undefined;
  let repairedAt = 0;

  function soon(): void {
    if (timer !== undefined) return;
    const wait = Math.max(0, repairedAt + REPAIR_MS - Date.now());
    if (wait === 0) {
      repairedAt = Date.now();
      repair();
      return;
    }
    timer = delay(() => {
      timer = undefined;
      soon();
    }, wait);
    timer.unref();
  }

  return { soon, stop: () => clearTimeout(timer) };
}
