/** What the sentences of policies and rules have in common: their ends, `over 84 bytes limit 3/min burst 5 log info`. */

import type { Findings } from '../findings.ts';
import type { FirewallZoneRef } from '../model.ts';
import type { Path } from '../path.ts';
import { show } from '../schema-values.ts';
import { wordsOf } from '../short-form.ts';
import { checkLimit } from './conditions.ts';
import { LIMIT_FORM, limitText, readLimit } from './limits.ts';
import { LOG_FORM, logText, readLog } from './logging.ts';
import type { FirewallAction, FirewallLimit, FirewallLog } from './model.ts';

/** undefined: no such zone, which is then reported; `ref` undefined: any zone. */
export type ZoneLookup = (name: string, path: Path) => { ref: FirewallZoneRef | undefined } | undefined;

export const END_FORM = '[limit N/min [burst N]] [log [LEVEL] [prefix TEXT]]';

/** As the object form writes them. */
export interface EndForm {
  over?: number | undefined;
  limit?: string | undefined;
  log?:
    | string
    | boolean
    | { level?: string | undefined; prefix?: string | undefined; limit?: string | undefined }
    | undefined;
}

/** What is left out is undefined. */
export interface End {
  over: number | undefined;
  limit: FirewallLimit | undefined;
  log: FirewallLog | undefined;
}

/** The end of a sentence as the object form has it; undefined: it begins with none of the three words, or has one twice. */
export function endWords(words: readonly string[]): Record<string, unknown> | undefined {
  const end: Record<string, unknown> = {};
  for (let from = 0; from < words.length; ) {
    const key = words[from]!;
    if (!['over', 'limit', 'log'].includes(key) || key in end) return undefined;
    let to = from + 1;
    // A limit after `log` is of what is logged.
    while (
      to < words.length &&
      words[to] !== 'over' &&
      words[to] !== 'log' &&
      (key === 'log' || words[to] !== 'limit')
    ) {
      // The text of a prefix may be any.
      to += words[to] === 'prefix' ? 2 : 1;
    }
    const of = words.slice(from + 1, to);
    if (key === 'over') {
      if (of.length !== 2 || !/^bytes?$/.test(of[1]!)) return undefined;
      end.over = /^\d+$/.test(of[0]!) ? Number(of[0]) : of[0];
    } else if (key === 'limit') end.limit = of.join(' ');
    else end.log = of.map((word) => (/[\s"]|^$/.test(word) ? JSON.stringify(word) : word)).join(' ');
    from = to;
  }
  return end;
}

/** undefined: something is wrong, and reported. */
export function readEnd(
  given: EndForm & { action: FirewallAction },
  at: (key: string) => Path,
  findings: Findings,
): End | undefined {
  const limit = given.limit === undefined ? undefined : readLimit(given.limit);
  const log = readLogForm(given.log);
  if (given.limit !== undefined && limit === undefined) {
    findings.problem(
      at('limit'),
      `limit ${show(given.limit)} is not of the form \`${LIMIT_FORM}\``,
      `write it like \`3/min burst 5\``,
    );
    return undefined;
  }
  if (limit !== undefined && !checkLimit(limit, given.action, at('limit'), findings)) return undefined;
  if (log === null) {
    findings.problem(
      at('log'),
      `log ${showLog(given.log)} is not of the form \`log ${LOG_FORM}\``,
      'write it like `log notice prefix "stray"`',
    );
    return undefined;
  }
  return { over: given.over, limit, log };
}

/** null: it is not of the form. */
function readLogForm(given: EndForm['log']): FirewallLog | undefined | null {
  if (given === undefined || given === false) return undefined;
  if (given === true) return readLog([]) ?? null;
  if (typeof given === 'string') return readLog(given === '' ? [] : wordsOf(given)) ?? null;
  const { level, prefix, limit } = given;
  return (
    readLog([
      ...(level === undefined ? [] : [level]),
      ...(prefix === undefined ? [] : ['prefix', prefix]),
      ...(limit === undefined ? [] : ['limit', ...wordsOf(limit)]),
    ]) ?? null
  );
}

function showLog(given: EndForm['log']): string {
  return show(typeof given === 'object' ? Object.values(given).join(' ') : given);
}

/** In the file's words, with a space before it where there is one. */
export function endText({ over, limit, log }: End): string {
  return [
    ...(over === undefined ? [] : [` over ${over} bytes`]),
    ...(limit === undefined ? [] : [` limit ${limitText(limit)}`]),
    ...(log === undefined ? [] : [` ${logText(log)}`]),
  ].join('');
}
