/** Shorewall's log levels (shorewall-logging(5)): `info`, `4`, `$LOG_LEVEL`, `NFLOG(1)`, `info:tag`, `none`. */

import { logLevel } from '../log-level.ts';

/** Ends with nothing where nothing is logged. */
export function logWords(level: string | undefined): string {
  const word = level?.replace(/[:!(].*$/, '') ?? '';
  return word === '' || word.toLowerCase() === 'none' ? '' : ` log ${logLevel(word)}`;
}
