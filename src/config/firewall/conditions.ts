/** What the switch can hold rules to: how many have a condition, and what limits there can be. */

import type { Findings } from '../findings.ts';
import type { Firewall, FirewallAction, FirewallLimit } from '../model.ts';
import type { Path } from '../path.ts';

/** Rules of one file that look at a packet closer, each with a bit of its own. */
const MOST = 32;
/** The longest that a switch keeps anything. */
const SLOWEST = 65_535;

/** False: the limit can't be, which is reported. */
export function checkLimit(limit: FirewallLimit, action: FirewallAction, path: Path, findings: Findings): boolean {
  if (limit.kind !== 'connections') {
    if (action === 'accept') return true;
    findings.problem(
      path,
      `${action} with a limit of packets: that is for what is accepted`,
      'write `limit` at an accept; of what is logged write `log info limit 1/s`',
    );
    return false;
  }
  if (limit.seconds / limit.count <= SLOWEST) return true;
  findings.problem(path, 'the limit is too slow for a switch, which forgets after 18 hours', 'write 2/day or more');
  return false;
}

export function checkConditions({ rules, policy }: Pick<Firewall, 'rules' | 'policy'>, findings: Findings): void {
  const paths: Path[] = [
    ...rules.flatMap(({ over, limit }, i) => (over === undefined && !ofConnections(limit) ? [] : [['rules', i]])),
    ...policy.flatMap(({ limit }, i) => (ofConnections(limit) ? [['policy', i]] : [])),
  ];
  if (paths.length <= MOST) return;
  findings.problem(
    ['firewall', ...paths[MOST]!],
    `${paths.length} rules and policies have \`over\` or a limit of connections, and a switch can tell ${MOST} apart`,
    'join some of them, or limit their packets (`N packets/s`)',
  );
}

function ofConnections(limit: FirewallLimit | undefined): boolean {
  return limit?.kind === 'connections';
}
