/** Options of a router's interface, and what is doubtful about them. */

import { holds, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { InterfaceOption } from '../model.ts';
import type { Path } from '../path.ts';

const RFC1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => parseIpPrefix(text)!);

/** `path`, `where`: of the interface. */
export function readOptions(
  path: Path,
  where: string,
  given: readonly InterfaceOption[] = [],
  addresses: readonly string[],
  findings: Findings,
): InterfaceOption[] {
  given.forEach((option, i) => {
    const at = [...path, 'options', i];
    if (given.indexOf(option) < i) findings.problem(at, `${where}: ${option} stands twice`, 'name it once');
    const own = addresses.find((address) => RFC1918.some((prefix) => holds(prefix, parseIpPrefix(address)!)));
    if (option === 'norfc1918' && own !== undefined) {
      findings.warning(
        at,
        `${where}: its own address ${own} is private (RFC 1918), and norfc1918 drops what comes for it`,
        'remove norfc1918, which is for interfaces to the Internet',
      );
    }
    if (option === 'routeback' && findings.declared('firewall').size === 0) {
      findings.warning(
        at,
        `${where}: routeback accepts what the firewall would refuse, and the file has no firewall`,
        'remove it, or add `firewall`',
      );
    }
  });
  return [...given];
}
