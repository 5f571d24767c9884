/** Levels of syslog(3) as the levels of a rule's log. */

const LEVELS: Readonly<Record<string, string>> = {
  emerg: 'error',
  panic: 'error',
  alert: 'error',
  crit: 'error',
  err: 'error',
  warning: 'warn',
};

export function logLevel(level: string): string {
  return LEVELS[level] ?? level;
}
