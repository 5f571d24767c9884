/** Numbers and times for people. Counters stay exact; rates and bytes are rounded to three digits. */

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** `1,234,567`; exact, never shortened. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1.23 MB`, powers of 1000. */
export function formatBytes(value: number): string {
  return `${scaled(value)}B`;
}

/** `6.5 Mbit/s`. */
export function formatBitRate(value: number): string {
  return `${scaled(value)}bit/s`;
}

/** `812 pkt/s`. */
export function formatPacketRate(value: number): string {
  return `${scaled(value)}pkt/s`;
}

function scaled(value: number): string {
  let unit = 0;
  let left = value;
  while (left >= 999.5 && unit < UNITS.length - 1) {
    left /= 1000;
    unit += 1;
  }
  const digits = left >= 100 || left === 0 ? 0 : left >= 10 ? 1 : 2;
  return `${Number(left.toFixed(digits))} ${UNITS[unit]}`;
}

/** `12 s`, `3 min`, `5 h`, `2 d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
