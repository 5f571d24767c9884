/** What `flowloom trace` says of packets that rules let through and refuse: routed, translated, bridged, with the rule's line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';
import { flowloom } from './program.ts';

vi.setConfig({ testTimeout: 60_000 });

const FILE = `flowloom: 1
hosts: { hv1: }
segments:
  loc: { vlan: 10, subnet: 10.1.0.0/24 }
  dmz: { vlan: 20, subnet: 10.2.0.0/24 }
  net: { vlan: 30, subnet: 192.0.2.0/24 }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc, address: 10.1.0.10 }
      hv1/mac: { access: loc, address: 10.1.0.11 }
      hv1/web: { access: dmz, address: 10.2.0.10 }
      hv1/guest: { access: dmz, address: 10.2.0.12 }
      hv1/peer: { access: net, address: 192.0.2.254 }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: 192.0.2.1/24 }
nat:
  - one-to-one 192.0.2.9 with 10.2.0.10
  - forward tcp 192.0.2.1:80 to 10.1.0.11:8080
  - masquerade 10.1.0.0/24 out edge/net
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net], vms: [hv1/web, hv1/guest] }
  sets: { admins: [192.0.2.254] }
  policy:
    - loc to all accept
    - all to all drop log notice prefix "reject"
  rules:
    - accept tcp 8080 from net:@admins to loc log
    - accept https from net to dmz
    - reject smtp from loc to net
    - accept udp 53 from vms to vms
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-trace-rules-'));
  writeFileSync(join(folder, 'net.yaml'), FILE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STRAY = 'dropped by firewall: all to all drop log notice prefix "reject" (net.yaml:32); logged';

/** What is traced, and what comes of it. */
const VERDICTS: [words: string, verdict: string | RegExp][] = [
  [
    'from pc tcp to 192.0.2.254:80',
    /^delivered to hv1\/br0:peer as 192\.0\.2\.1:\d+ → .*; let in by firewall: loc to all accept \(net\.yaml:31\)$/,
  ],
  [
    'from pc tcp to 192.0.2.254:25',
    'rejected by firewall: reject smtp from loc to net (net.yaml:36): its sender is told',
  ],
  [
    'from peer tcp to 192.0.2.1:80',
    /^delivered to hv1\/br0:mac as .* → 10\.1\.0\.11:8080 tcp syn; let in by firewall: accept tcp 8080 .* \(net\.yaml:34\); logged$/,
  ],
  [
    'from peer tcp to 192.0.2.9:443',
    /^delivered to hv1\/br0:web as .* → 10\.2\.0\.10:443 tcp syn; let in by firewall: accept https .* \(net\.yaml:35\)$/,
  ],
  ['from peer tcp to 192.0.2.9:25', STRAY],
  [
    'from pc udp to 203.0.113.7:53',
    'dropped by router: router edge has no route: its sender is told, ICMP network unreachable (net.yaml:17)',
  ],
  [
    'from web udp to 10.2.0.12:53',
    /^delivered to hv1\/br0:guest .*; let in by firewall: accept udp 53 from vms to vms \(net\.yaml:37\)$/,
  ],
  ['from web tcp to 10.2.0.12:80', STRAY],
];

test.each(VERDICTS)('%s', async (words, verdict) => {
  const { code, stdout } = await flowloom(['trace', 'net.yaml', ...words.split(' ')], folder, SOON.timeout);
  const told = /^verdict: (.*)$/m.exec(stdout)?.[1];
  if (typeof verdict === 'string') expect(told).toBe(verdict);
  else expect(told).toMatch(verdict);
  expect(code).toBe(0);
});

test('who asks a public address that no interface has asks the router, and is told which rule it is', async () => {
  const { stdout } = await flowloom(['trace', 'net.yaml', 'from', 'peer', 'tcp', 'to', '192.0.2.9:443'], folder);
  expect(stdout).toContain('router edge answers for 192.0.2.9: one-to-one 192.0.2.9 with 10.2.0.10');
});
