/** How often a switch is looked at, and how often it is repaired. */

import type { Clock } from '../../clock.ts';

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
export function createAudits(
  clock: Clock,
  audit: () => Promise<unknown>,
  isBlind: () => boolean,
  options: AuditOptions,
): Audits {
  const { auditSeconds = AUDIT_SECONDS, blindAuditSeconds = BLIND_AUDIT_SECONDS } = options;
  let stop: (() => void) | undefined;
  let stopped = false;

  function later(spentMs: number): void {
    const wait = Math.max((isBlind() ? blindAuditSeconds : auditSeconds) * 1000, spentMs / AUDIT_SHARE);
    stop = clock.after(wait, async () => {
      const start = clock.now();
      await audit();
      if (!stopped) later(clock.now() - start);
    });
  }

  return {
    start() {
      if (stop === undefined && !stopped) later(0);
    },
    stop() {
      stopped = true;
      stop?.();
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

export function createRepairs(clock: Clock, repair: () => void): Repairs {
  let stop: (() => void) | undefined;
  let repairedAt = Number.NEGATIVE_INFINITY;

  function soon(): void {
    if (stop !== undefined) return;
    const wait = Math.max(0, repairedAt + REPAIR_MS - clock.now());
    if (wait === 0) {
      repairedAt = clock.now();
      repair();
      return;
    }
    stop = clock.after(wait, () => {
      stop = undefined;
      soon();
    });
  }

  return { soon, stop: () => stop?.() };
}
