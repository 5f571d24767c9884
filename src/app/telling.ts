/**
 * What apps tell people: a line of the log with its fields, and an event of the API. An app may tell so many a second;
 * what goes beyond is counted, and told as one.
 */

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Tell, TellFields, TellLevel } from './published.ts';

export interface ToldEvent {
  app: string;
  /** undefined: the app's `setup` told it. */
  switch: string | undefined;
  level: TellLevel;
  text: string;
  fields: TellFields;
}

/** One instance's; `at` names the switch. */
export type Teller = (app: string, at: string | undefined, log: Logger) => Tell;

const A_SECOND = 50;
const AT_ONCE = 250;
/** Characters of a text, and of a field. */
const LONGEST = 1000;
const MOST_FIELDS = 40;

/** `told` gets what goes to the API. */
export function createTeller(clock: Clock, told: (event: ToldEvent) => void): Teller {
  const buckets = new Map<string, { left: number; filledAt: number; dropped: number }>();

  function bucketOf(app: string) {
    let bucket = buckets.get(app);
    if (bucket === undefined) {
      bucket = { left: AT_ONCE, filledAt: clock.now(), dropped: 0 };
      buckets.set(app, bucket);
    }
    return bucket;
  }

  return (app, at, log) => {
    function say(level: TellLevel, text: string, fields: TellFields): void {
      const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
      log[level === 'notice' ? 'info' : level](level === 'notice' ? { notice: true, ...known } : known, text);
      if (level !== 'debug') told({ app, switch: at, level, text, fields });
    }

    /** One that floods is told of when there is room again, or a second after. */
    function drop(): void {
      const bucket = bucketOf(app);
      if (bucket.dropped++ > 0) return;
      clock.after(1000, () => {
        const { dropped } = bucket;
        bucket.dropped = 0;
        say('warn', `app "${app}" tells more than ${A_SECOND} events a second: ${dropped} were left out`, { dropped });
      });
    }

    return (level, text, fields = {}) => {
      const bucket = bucketOf(app);
      const now = clock.now();
      bucket.left = Math.min(AT_ONCE, bucket.left + ((now - bucket.filledAt) * A_SECOND) / 1000);
      bucket.filledAt = now;
      if (bucket.left < 1) {
        drop();
        return;
      }
      bucket.left--;
      say(level, cut(text), bounded(fields));
    };
  };
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function bounded(fields: TellFields): TellFields {
  const some = Object.entries(fields).slice(0, MOST_FIELDS);
  return Object.fromEntries(some.map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]));
}
