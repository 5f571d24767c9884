/** Reads `firewall.zones`: which interfaces of routers are in which zone. */

import type { Findings } from '../findings.ts';
import type { FirewallZone, Router } from '../model.ts';
import type { FileForm } from '../schema-file.ts';

type FirewallForm = NonNullable<FileForm['firewall']>;

/** Zone number of the router itself. */
export const FW = 255;

export function readZones(form: FirewallForm, routers: readonly Router[], findings: Findings): FirewallZone[] {
  const owner = new Map<string, string>();
  const zones = Object.entries(form.zones).map(([name, members], index): FirewallZone => {
    const path = ['firewall', 'zones', name];
    if (name === 'fw' || name === 'all') {
      const means = name === 'fw' ? 'the router itself' : 'any zone';
      findings.problem(path, `zone \`${name}\`: this name means ${means}`, 'choose another name', 'key');
    }
    members.forEach((member, i) => {
      const at = [...path, i];
      const [router = '', port = ''] = member.split('/');
      if (!findings.known(at, 'router', router, findings.declared('routers'), 'routers')) return;
      const names = findings.declared('routers', router, 'interfaces');
      if (!findings.known(at, `interface of router ${router}`, port, names, `routers.${router}.interfaces`)) return;
      const other = owner.get(member);
      if (other === undefined) owner.set(member, name);
      else
        findings.problem(
          at,
          `zone ${name}: ${member} is in zone ${other} already`,
          'an interface is in one zone: remove it from one',
        );
    });
    return { name, source: findings.source(path), number: index + 1, members: [...new Set(members)] };
  });
  if (zones.length >= FW) {
    findings.problem(
      ['firewall', 'zones'],
      `${zones.length} zones are more than the 254 that there are numbers for`,
      'join some of them',
      'key',
    );
  }
  for (const router of routers) {
    for (const { name } of router.interfaces) {
      if (owner.has(`${router.name}/${name}`) || findings.broken(['firewall', 'zones'])) continue;
      findings.warning(
        ['routers', router.name, 'interfaces', name],
        `interface ${router.name}/${name} is in no firewall zone, so only rules for \`all\` apply to it`,
        'add it to a zone under `firewall.zones`',
        'key',
      );
    }
  }
  return zones;
}
