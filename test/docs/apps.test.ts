/** The files that the READMEs of the built-in apps show are accepted, and no rule of theirs stands in another's way. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';

const shown = (app: string) =>
  [...readFileSync(`apps/${app}/README.md`, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block!);

/** What the READMEs take for granted. */
const AROUND = `flowloom: 1
hosts: { hv1: {}, hv2: {} }
segments:
  loc: { vlan: 10, subnet: [10.66.66.0/24, "2001:db8:66::/64"] }
  net: { vlan: 20, subnet: 10.88.88.0/24 }
  dmz: { vlan: 30, subnet: 10.77.0.0/24 }
  six: { vlan: 40, subnet: "2001:db8:77::/64" }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/gw0: { type: internal }
      hv1/web1: { access: loc }
      hv1/web2: { access: loc }
      hv1/eth0: { access: net }
      hv1/br0: { access: net }
      hv1/dmz1: { access: dmz }
      hv1/six1: { access: six }
`;
const [ROUTERS = ''] = shown('router');
const INTERFACES = `      dmz: { segment: dmz, address: 10.77.0.1/24 }
      six: { segment: six, address: "2001:db8:77::1/64" }
    routes:`;

function told(file: string): string {
  const loaded = parseConfig(file, 'file.yaml');
  return formatProblems(loaded.ok ? loaded.warnings : loaded.problems)
    .split('\n')
    .filter((line) => line !== '' && !line.includes('is in no firewall zone'))
    .join('\n');
}

test('router, nat, firewall and dhcp, in one file', () => {
  const routers = ROUTERS.replace('    routes:', INTERFACES);
  const [nat = ''] = shown('nat');
  const [dhcp = ''] = shown('dhcp');
  const firewalls = shown('firewall');
  expect(firewalls).toHaveLength(2);
  for (const firewall of firewalls) expect(told(`${AROUND}${routers}${nat}${firewall}${dhcp}`)).toBe('');
});

test('segments', () => {
  const [file = ''] = shown('segments');
  const hosts = 'flowloom: 1\nhosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }\n';
  expect(told(hosts + file)).toBe('');
});

test.each(['table-miss', 'static-flows', 'learning-switch'])('%s', (app) => {
  const [apps = ''] = shown(app);
  expect(told(`${AROUND}${apps}`)).toBe('');
});
