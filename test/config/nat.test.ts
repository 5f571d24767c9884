/** NAT rules in the file: what each form means, and what is warned about because of the order. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { proxiedPrefixes } from '../../src/config/nat/proxied.ts';
import { formatProblems } from '../../src/config/problem.ts';

const file = (...rules: string[]) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 }, dmz: { vlan: 200 }, net: { vlan: 10 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/eth1: { trunk: [loc, dmz], native: net } } } }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      dmz: { segment: dmz, address: 10.77.0.1/24 }
      net: { segment: net, address: [10.88.88.66/24, 10.88.88.67/24] }
    routes: [default via 10.88.88.1, 10.9.0.0/16 via 10.66.66.9]
nat:
${rules.map((rule) => `  - ${rule}\n`).join('')}`;

function read(...rules: string[]) {
  const loaded = parseConfig(file(...rules), 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const warnings = formatProblems(loaded.warnings)
    .split('\n')
    .filter((line) => line.includes('f.yaml:') && !line.includes('firewall'));
  return { config: loaded.config, rules: loaded.config.nat, warnings };
}

test('a source address: the primary one, another, a range, a prefix, or its own', () => {
  const { rules, warnings } = read(
    'exempt 10.66.66.0/24 to 10.9.0.0/16 out edge/net',
    'snat 10.66.66.8/29 to 10.88.88.67 out edge/net ports 2000-3000',
    'snat 10.66.66.16/28 to 10.88.88.70-10.88.88.75 out edge/net',
    'snat 10.66.66.32/28 to 10.88.88.80/30 out edge/net',
    'masquerade 10.66.66.0/24 out edge/net',
  );
  expect(warnings).toEqual([]);
  expect(rules.map((rule) => [rule.kind, rule.kind === 'exempt' || rule.kind === 'snat' ? rule.to : ''])).toEqual([
    ['exempt', '10.9.0.0/16'],
    ['snat', ['10.88.88.67', '10.88.88.67']],
    ['snat', ['10.88.88.70', '10.88.88.75']],
    ['snat', ['10.88.88.80', '10.88.88.83']],
    ['snat', 'primary'],
  ]);
  expect(rules[1]).toMatchObject({ ports: [2000, 3000] });
});

test('a forward: one port, a range that stays, a range that moves, for some only, of an interface', () => {
  const { rules, warnings } = read(
    'forward tcp 10.88.88.66:8800 to 10.66.66.67:80',
    'forward udp 10.88.88.66:5000-5010 to 10.66.66.67',
    'forward udp 10.88.88.99:5000-5010 to 10.9.1.1:6000-6010',
    'forward tcp 10.88.88.66:22 from 192.0.2.0/24 to 10.66.66.67',
    'forward tcp edge/net:443 to 10.66.66.67',
  );
  expect(warnings).toEqual([]);
  expect(rules).toMatchObject([
    { address: '10.88.88.66', ports: [8800, 8800], toPorts: [80, 80], from: undefined, interface: 'net' },
    { ports: [5000, 5010], toPorts: [5000, 5010] },
    { address: '10.88.88.99', ports: [5000, 5010], toAddress: '10.9.1.1', toPorts: [6000, 6010] },
    { from: '192.0.2.0/24', ports: [22, 22], toPorts: [22, 22] },
    { address: 'primary', router: 'edge', interface: 'net' },
  ]);
});

test('addresses that no interface has are answered for: each once, ranges as prefixes', () => {
  const { config } = read(
    'snat 10.66.66.8/29 to 10.88.88.67 out edge/net',
    'snat 10.66.66.16/28 to 10.88.88.69-10.88.88.74 out edge/net',
    'one-to-one 10.88.88.96/30 with 10.77.0.96/30',
    'forward tcp 10.88.88.97:80 to 10.66.66.67:80',
    'forward tcp 10.88.88.99:443 to 10.66.66.67',
    'masquerade 10.66.66.0/24 out edge/net',
  );
  expect(proxiedPrefixes(config.nat, config.routers[0]!).map(({ interface: at, prefix }) => `${at} ${prefix}`)).toEqual(
    ['net 10.88.88.69/32', 'net 10.88.88.70/31', 'net 10.88.88.72/31', 'net 10.88.88.74/32', 'net 10.88.88.96/30'],
  );
});

test.for([
  [
    ['masquerade 10.66.0.0/16 out edge/net', 'snat 10.66.66.8/29 to 10.88.88.67 out edge/net'],
    '`snat 10.66.66.8/29 to 10.88.88.67 out edge/net` never applies: `masquerade 10.66.0.0/16 out edge/net` (f.yaml:14) takes its packets first: put it above, or remove it (f.yaml:15:5)',
  ],
  [
    ['masquerade 10.66.66.0/24 out edge/net', 'exempt 10.66.66.0/24 to 10.9.0.0/16 out edge/net'],
    '`exempt 10.66.66.0/24 to 10.9.0.0/16 out edge/net` never applies: `masquerade 10.66.66.0/24 out edge/net` (f.yaml:14) takes its packets first: put it above, or remove it (f.yaml:15:5)',
  ],
  [
    ['one-to-one 10.88.88.70 with 10.66.66.70', 'forward tcp 10.88.88.70:80 to 10.66.66.67:80'],
    '`forward tcp 10.88.88.70:80 to 10.66.66.67:80` never applies: `one-to-one 10.88.88.70 with 10.66.66.70` (f.yaml:14) takes its packets first: put it above, or remove it (f.yaml:15:5)',
  ],
  [
    ['masquerade 10.66.66.0/24 out edge/net', 'one-to-one 10.88.88.70 with 10.66.66.70'],
    '`one-to-one 10.88.88.70 with 10.66.66.70`: what its stations begin themselves is taken first by `masquerade 10.66.66.0/24 out edge/net` (f.yaml:14): put it above, or remove one (f.yaml:15:5)',
  ],
  [
    ['forward tcp 10.88.88.66:80-90 to 10.66.66.67', 'forward tcp 10.88.88.66:85 to 10.66.66.68:80'],
    '`forward tcp 10.88.88.66:85 to 10.66.66.68:80` never applies: `forward tcp 10.88.88.66:80-90 to 10.66.66.67` (f.yaml:14) takes its packets first: put it above, or remove it (f.yaml:15:5)',
  ],
  [
    ['forward tcp 10.88.88.66:80-90 to 10.66.66.67', 'forward tcp 10.88.88.66:85-99 to 10.66.66.68'],
    '`forward tcp 10.88.88.66:85-99 to 10.66.66.68`: some of its ports are taken first by `forward tcp 10.88.88.66:80-90 to 10.66.66.67` (f.yaml:14): put it above, or remove one (f.yaml:15:5)',
  ],
] as const)('what an earlier rule takes is told with both lines: %j', ([rules, warning]) => {
  expect(read(...rules).warnings.map((line) => line.trim())).toEqual([warning]);
});

test('an exception above what it is an exception of is no mistake', () => {
  const exceptions = [
    ['forward tcp 10.88.88.66:85 to 10.66.66.68:80', 'forward tcp 10.88.88.66:80-90 to 10.66.66.67'],
    ['forward tcp 10.88.88.66:22 from 192.0.2.0/24 to 10.66.66.67', 'forward tcp 10.88.88.66:22 to 10.66.66.68'],
    ['forward tcp 10.88.88.70:80 to 10.66.66.67:80', 'one-to-one 10.88.88.70 with 10.66.66.70'],
    ['one-to-one 10.88.88.70 with 10.66.66.70', 'masquerade 10.66.66.0/24 out edge/net'],
    ['forward tcp 10.88.88.66:80 to 10.66.66.67:80', 'forward udp 10.88.88.66:80 to 10.66.66.68:80'],
  ];
  for (const rules of exceptions) expect(read(...rules).warnings).toEqual([]);
});

test('what nobody can have, and what somebody else has, is warned about', () => {
  const ports = `bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/web: { access: loc, address: [10.66.66.67, 10.66.66.128/25] }
      hv1/up: { access: net, address: 10.88.88.1 }
      hv1/far: { access: net, address: [10.88.88.90, 192.0.2.0/24] }
`;
  const warned = (...rules: string[]) => {
    const loaded = parseConfig(file(...rules).replace(/^bridges:.*\n/m, ports), 'f.yaml');
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    return loaded.warnings.filter(({ source }) => !/f.yaml:\d:/.test(source)).map(({ message }) => message);
  };
  expect(warned('forward tcp 10.88.88.66:80 to 10.66.66.99')).toEqual([
    '`forward tcp 10.88.88.66:80 to 10.66.66.99`: no port of segment loc has the address 10.66.66.99, and each has its `address` given',
  ]);
  expect(warned('forward tcp 10.88.88.66:80 to 10.66.66.67', 'forward tcp 10.88.88.66:81 to 10.66.66.200')).toEqual([]);
  expect(warned('one-to-one 10.88.88.90 with 10.66.66.67')).toEqual([
    '`one-to-one 10.88.88.90 with 10.66.66.67`: port hv1/far (f.yaml:10) has the address 10.88.88.90, and the router would answer for it, too',
  ]);
  expect(warned('masquerade 10.67.66.0/24 out edge/net')).toEqual([
    '`masquerade 10.67.66.0/24 out edge/net`: router edge has no interface or route towards 10.67.66.0/24, so nothing comes from there',
  ]);
  expect(warned('masquerade 10.0.0.0/8 out edge/net', 'masquerade 10.9.1.0/24 out edge/loc')).toEqual([]);
});
