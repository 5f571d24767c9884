/**
 * Errors that no handler saw: promises that an app left rejected, callbacks of timers and sockets that it made itself. They
 * are the app's, and end the instance that they are of, never the process. Flowloom's own still do.
 */

import type { Logger } from 'pino';
import { currentApp } from './current-app.ts';
import { atPlaceInApp, isOwn, placesOf } from './stack-places.ts';
import { thrownWords } from './thrown.ts';

export interface StrayErrorsOptions {
  log: Logger;
  /** The app that a file is of, where it is known; files are paths. */
  appOf(file: string): { name: string; errors: number } | undefined;
  /** Flowloom's own error, which nothing can be said about. */
  fatal(error: unknown): void;
}

/** Until what is given back is called. */
export function takeStrayErrors({ log, appOf, fatal }: StrayErrorsOptions): () => void {
  function take(what: string, error: unknown): void {
    const { message, stack } = thrownWords(error);
    const files = placesOf(stack).map(({ file }) => file);
    const app = currentApp();
    // An error that was never anywhere but in Flowloom's own code is no app's.
    if (app !== undefined && (files.length === 0 || !files.every(isOwn))) {
      app.fail(what, error);
      return;
    }
    const owner = files.map(appOf).find((each) => each !== undefined);
    if (owner !== undefined) {
      owner.errors++;
      log.error({ stack }, `app "${owner.name}" failed in ${what}: ${message}${atPlaceInApp(stack)}; it goes on`);
    } else if (files.length === 0) {
      // No app is known by it, nor is it known to be ours: a bare value, or an error without a stack.
      log.error(`${what} failed, in whose code is not known: ${message}`);
    } else fatal(error);
  }
  const rejected = (reason: unknown) => take('a promise that nobody awaited', reason);
  const thrown = (error: unknown) => take('a callback of its own', error);
  process.on('unhandledRejection', rejected);
  process.on('uncaughtException', thrown);
  return () => {
    process.off('unhandledRejection', rejected);
    process.off('uncaughtException', thrown);
  };
}
