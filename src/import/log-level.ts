/** Levels of syslog(3), by name or number, as the levels of a rule's log. */

const LEVELS: Readonly<Record<string, string>> = {
  emerg: 'error',
  panic: 'error',
  alert: 'error',
  crit: 'error',
  err: 'error',
  error: 'error',
  warning: 'warn',
  warn: 'warn',
  notice: 'notice',
  info: 'info',
  debug: 'debug',
};
const NUMBERED = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** Other targets than syslog (`NFLOG`, `ULOG`) have no level: `info`. */
export function logLevel(level: string): string {
  return LEVELS[NUMBERED[Number(level)] ?? level.toLowerCase()] ?? 'info';
}
