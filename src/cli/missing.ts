/** What is still missing until hosts and switches are as the file in force says, a line each. Pure. */

import type { NetworkPlan } from '../api/network-plan.ts';

/** Lines of one host or switch; the rest is counted. */
const SHOWN = 5;

export function missingOf({ unknown, hosts, switches }: NetworkPlan): string[] {
  return [
    ...unknown,
    ...hosts.flatMap(({ name, changes, refused }) => [
      ...shortened(name, changes),
      ...refused.map((line) => `${name} refused: ${line}`),
    ]),
    ...switches.flatMap(({ name, flows, groups, meters, refused }) => [
      ...shortened(
        name,
        flows.map(({ app, intent, source }) => {
          const place = source === null ? '' : ` (${source})`;
          return `${app ?? 'a flow'}: ${intent ?? 'what it was for is not known'}${place}`;
        }),
      ),
      ...groups.map(({ app, name: group, id }) => `${name}: group ${app === null ? id : `${app}/${group}`}`),
      ...meters.map(({ app, name: meter, id }) => `${name}: meter ${app === null ? id : `${app}/${meter}`}`),
      ...refused.map((line) => `${name} refused: ${line}`),
    ]),
  ];
}

/** Many flows of one intent are one line. */
function shortened(name: string, lines: string[]): string[] {
  const different = [...new Set(lines)];
  const told = different.slice(0, SHOWN).map((line) => `${name}: ${line}`);
  return different.length > SHOWN ? [...told, `${name}: and ${different.length - SHOWN} more`] : told;
}
