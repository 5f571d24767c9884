/** Reads what is logged, and how: `log`, `log notice prefix "stray"`, `log info limit 1/min burst 2`. */

import { limitText, readLimit } from './limits.ts';
import type { ConnectionLimit, FirewallLog, FirewallLogLevel } from './model.ts';

export const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error'] as const satisfies FirewallLogLevel[];
export const LOG_FORM = '[LEVEL] [prefix TEXT] [limit N/s|min|hour|day [burst N]]';

/** Of what people read, and of what the controller is sent. */
const LIMIT: ConnectionLimit = { kind: 'connections', count: 10, seconds: 1, burst: 20 };

/** The words after `log`; undefined: they are not of its form. */
export function readLog(words: readonly string[]): FirewallLog | undefined {
  const rest = [...words];
  const level = LOG_LEVELS.find((each) => each === rest[0]);
  if (level !== undefined) rest.shift();
  let prefix: string | undefined;
  if (rest[0] === 'prefix') {
    prefix = rest[1];
    if (prefix === undefined) return undefined;
    rest.splice(0, 2);
  }
  let limit: ConnectionLimit = LIMIT;
  if (rest[0] === 'limit') {
    const read = readLimit(rest.slice(1).join(' '));
    if (read?.kind !== 'connections') return undefined;
    limit = read;
    rest.length = 0;
  }
  return rest.length === 0 ? { level: level ?? 'info', prefix, limit } : undefined;
}

/** In the file's words, from `log` on. */
export function logText({ level, prefix, limit }: FirewallLog): string {
  const isUsual = limit.count === LIMIT.count && limit.seconds === LIMIT.seconds && limit.burst === LIMIT.burst;
  return [
    `log ${level}`,
    ...(prefix === undefined ? [] : [`prefix ${JSON.stringify(prefix)}`]),
    ...(isUsual ? [] : [`limit ${limitText(limit)}`]),
  ].join(' ');
}
