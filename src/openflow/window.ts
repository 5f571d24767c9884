/**
 * Back-pressure towards one switch: never more than so many bytes of changes that it has not acknowledged, by barriers
 * among them (OpenFlow 1.4, 7.3.8; they may stand inside an open bundle). One that does not answer in time is dropped:
 * it connects again, and everything is compared anew.
 */

import type { Connection } from './connection.ts';

export interface WindowOptions {
  /** Unacknowledged bytes, at most. Default 4 MiB. */
  bytes?: number;
  /** Until a barrier must be answered. Default 30. */
  stallSeconds?: number;
}

export interface Window {
  /** So many bytes of changes were just sent: now and then a barrier follows them. */
  sent(bytes: number): void;
  /** Nothing more should be sent before the switch has acknowledged some of it. */
  readonly full: boolean;
  readonly unacknowledged: number;
  /** So full that bundles wait: the rest is for single changes that can't. */
  readonly crowded: boolean;
  /** Resolves when it is not crowded; rejects when the connection has ended. */
  room(): Promise<void>;
  /** Resolves when the switch has done everything that was sent before. */
  barrier(): Promise<void>;
  /** The same, of another request: dropped is a switch that does not answer it in time. */
  answered<T>(what: string, answer: Promise<T>): Promise<T>;
  /** The same, of an answer that may take long: each part of it is a sign of life. */
  inParts<T>(what: string, ask: (heard: () => void) => Promise<T>): Promise<T>;
}

const MOST_BYTES = 4 << 20;
const STALL_SECONDS = 30;
/** Of the window, for bundles. */
const CROWDED = 3 / 4;
/** Barriers for each window: the switch must not run dry while we wait for the answer to the last one. */
const BARRIERS = 16;

export function createWindow(
  connection: Pick<Connection, 'barrier' | 'close'>,
  { bytes: most = MOST_BYTES, stallSeconds = STALL_SECONDS }: WindowOptions = {},
): Window {
  /** Sent and acknowledged since the beginning. */
  let total = 0;
  let acknowledged = 0;
  /** Sent since the last barrier. */
  let uncovered = 0;
  /** Barriers that are not answered. */
  let underWay = 0;
  let waiting: { resolve(): void; reject(error: unknown): void }[] = [];

  async function inParts<T>(what: string, ask: (heard: () => void) => Promise<T>): Promise<T> {
    const timer = setTimeout(
      () => connection.close(`the switch stalls: no answer to ${what} within ${stallSeconds} s`),
      stallSeconds * 1000,
    );
    timer.unref();
    try {
      return await ask(() => timer.refresh());
    } finally {
      clearTimeout(timer);
    }
  }

  const answered = <T>(what: string, answer: Promise<T>) => inParts(what, () => answer);

  function wake(wakeOne: (each: (typeof waiting)[number]) => void): void {
    const woken = waiting;
    waiting = [];
    for (const each of woken) wakeOne(each);
  }

  async function barrier(): Promise<void> {
    uncovered = 0;
    underWay++;
    const upTo = total;
    try {
      await answered('a barrier', connection.barrier());
    } catch (error) {
      wake(({ reject }) => reject(error));
      throw error;
    } finally {
      underWay--;
    }
    acknowledged = Math.max(acknowledged, upTo);
    wake(({ resolve }) => resolve());
  }

  const window: Window = {
    sent(bytes) {
      total += bytes;
      uncovered += bytes;
      if (uncovered >= most / BARRIERS) barrier().catch(() => undefined);
    },
    get full() {
      return total - acknowledged > most;
    },
    get crowded() {
      return total - acknowledged > most * CROWDED;
    },
    get unacknowledged() {
      return total - acknowledged;
    },
    async room() {
      while (window.crowded) {
        const woken = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
        // What none follows yet is less than a window: none is under way only where the last one failed.
        if (underWay === 0) barrier().catch(() => undefined);
        await woken;
      }
    },
    barrier,
    answered,
    inParts,
  };
  return window;
}
