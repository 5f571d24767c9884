/** Reads addresses of rules and sets: `10.66.66.8`, `10.66.66.0/24`, `10.66.66.8-10.66.66.20`, `2001:db8::/64`. */

import { ipText, networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { rangePrefixes } from '../address-range.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../path.ts';

/** As prefixes: `10.66.66.8` → `10.66.66.8/32`. undefined: it is none, which is reported. */
export function readAddresses(text: string, path: Path, findings: Findings): string[] | undefined {
  const prefix = parseIpPrefix(text);
  if (prefix === undefined) return text.includes('-') ? readRange(text, path, findings) : refuse(text, path, findings);
  const network = networkText(prefix);
  if (prefix.number === parseIpPrefix(network)!.number) return [network];
  findings.problem(path, `\`${text}\` has bits set beyond its length`, `write ${network}`);
  return undefined;
}

function readRange(text: string, path: Path, findings: Findings): string[] | undefined {
  const [first, last, ...rest] = text.split('-').map(parseIp);
  if (first === undefined || last === undefined || rest.length > 0) return refuse(text, path, findings);
  const [from, to] = [ipText(first), ipText(last)];
  if (first.family !== last.family) {
    findings.problem(path, `\`${text}\` is from IPv${first.family} to IPv${last.family}`, 'write two of one family');
    return undefined;
  }
  if (first.number <= last.number) return rangePrefixes(from, to);
  findings.problem(path, `\`${text}\` is upside down`, `write ${to}-${from}`);
  return undefined;
}

function refuse(text: string, path: Path, findings: Findings): undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1];
  const fix =
    bare !== undefined && parseIpPrefix(bare) !== undefined
      ? `write ${bare}, without brackets`
      : 'write it like 10.66.66.67, 10.66.66.0/24, 10.66.66.8-10.66.66.20 or 2001:db8::/64';
  findings.problem(path, `\`${text}\` is not an IP address or prefix`, fix);
}
