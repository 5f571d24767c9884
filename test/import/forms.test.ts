/** Forms of what is imported that are read in one way only: chains, limits, IPv6, leases. */

import { expect, test } from 'vitest';
import { importIptables } from '../../src/import/iptables/iptables.ts';
import { importLibvirtNet } from '../../src/import/libvirt-net.ts';
import { writeFile } from '../../src/import/write-file.ts';
import { given, router } from './imported.ts';

test('chains that call themselves and each other come to an end', () => {
  const calls = ['-A a -j a', '-A a -j b', '-A b -j a', '-A b -s 10.0.0.0/8 -j a', '-A a -j ACCEPT'];
  const text = ['*filter', ':INPUT DROP [0:0]', ':a - [0:0]', ':b - [0:0]', '-A INPUT -j a', ...calls].join('\n');
  const { unmapped } = importIptables(text, { router, addresses: [['eth0', '192.0.2.1/24']], gateway: undefined });
  expect(unmapped.map(({ why }) => why).join('\n')).toMatch(/more than/);
});

test('two outputs in one: the second is told, not taken for the first', () => {
  const filter = (rule: string) => ['*filter', ':INPUT DROP [0:0]', `-A INPUT ${rule} -j ACCEPT`, 'COMMIT'];
  const text = [...filter('-i eth0 -p tcp --dport 22'), ...filter('-i eth0 -p ipv6-icmp')].join('\n');
  const draft = importIptables(text, { router, addresses: [['eth0', '192.0.2.1/24']], gateway: undefined });
  expect(draft.firewall?.rules.map((each) => each.text)).toEqual(['accept ssh from eth0 to fw']);
  expect(draft.unmapped.map(({ place }) => place)).toEqual(['line 6', 'line 7']);
});

test('ip6tables-save: prefixes, forwards and masquerading of IPv6', () => {
  const text = [
    ...['*nat', ':PREROUTING ACCEPT [0:0]', ':POSTROUTING ACCEPT [0:0]'],
    '-A PREROUTING -d 2001:db8:1::1/128 -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination [2001:db8:66::5]:8080',
    '-A POSTROUTING -o eth0 -j MASQUERADE',
    ...[
      'COMMIT',
      '*filter',
      ':FORWARD DROP [0:0]',
      '-A FORWARD -s 2001:db8:66::/64 -i eth1 -p ipv6-icmp -j ACCEPT',
      'COMMIT',
    ],
  ].join('\n');
  const addresses = [
    ['eth0', '2001:db8:1::1/64'],
    ['eth1', '2001:db8:66::1/64'],
  ] as const;
  const draft = importIptables(text, { router, addresses, gateway: '2001:db8:1::ff' });
  expect(draft.unmapped).toEqual([]);
  expect([...draft.nat, ...draft.firewall!.rules].map((each) => each.text)).toEqual([
    'forward tcp [2001:db8:1::1]:80 to [2001:db8:66::5]:8080',
    'masquerade ::/0 out edge/eth0',
    'accept icmpv6 from eth1:2001:db8:66::/64 to all',
  ]);
});

test('a limit counts packets where nothing lets established connections pass before, and new connections after', () => {
  const rules = (...lines: string[]) => {
    const text = ['*filter', ':INPUT DROP [0:0]', ...lines].join('\n');
    const draft = importIptables(text, { router, addresses: [['eth0', '192.0.2.1/24']], gateway: undefined });
    return [...draft.firewall!.rules.map((each) => each.text), ...draft.unmapped.map(({ why }) => why)];
  };
  const limited = '-A INPUT -p tcp --dport 22 -m limit --limit 3/sec -j ACCEPT';
  expect(rules(limited)).toEqual(['accept ssh from all to fw limit 3 packets/s burst 5']);
  expect(rules('-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT', limited)).toEqual([
    'accept ssh from all to fw limit 3/s',
  ]);
  expect(rules('-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT')).toEqual([
    expect.stringContaining('counts all packets'),
  ]);
});

test('RETURN in a chain that nat calls is an exemption only where nothing follows', () => {
  const nat = (...after: string[]) => {
    const text = ['*nat', ':x - [0:0]', '-A POSTROUTING -j x', ...after, '-A x -s 10.0.0.5/32 -j RETURN'].join('\n');
    const draft = importIptables(text, { router, addresses: [['eth0', '192.0.2.1/24']], gateway: undefined });
    return draft.nat.map((each) => each.text);
  };
  expect(nat()).toEqual(['exempt 10.0.0.5/32 out edge/eth0']);
  expect(nat('-A POSTROUTING -o eth0 -j MASQUERADE')).toEqual(['masquerade 0.0.0.0/0 out edge/eth0']);
});

test('libvirt-net: leases, several ranges, hosts by name, IPv6 routed and advertised', () => {
  const text = `<network><forward mode='nat'/><bridge name='virbr0'/>
    <ip address='10.5.0.1' netmask='255.255.255.0'><dhcp>
      <range start='10.5.0.10' end='10.5.0.20'><lease expiry='2' unit='hours'/></range>
      <range start='10.5.0.30' end='10.5.0.40'/>
      <host name='printer' ip='10.5.0.5'/></dhcp></ip>
    <ip family='ipv6' address='fd00:5::1'/></network>`;
  const addresses = [
    ['eth0', '10.0.0.9/24'],
    ['eth0', 'fd00:9::1/64'],
  ] as const;
  const draft = importLibvirtNet(text, { router, uplink: 'eth0', addresses, gateway: undefined });
  expect(draft.unmapped).toEqual([]);
  expect(writeFile(draft, 'imported')).toContain(
    '{ range: [10.5.0.10-10.5.0.20, 10.5.0.30-10.5.0.40], lease: 7200, reserve: { "hostname printer": 10.5.0.5 }, advertise: {} }',
  );
  expect(draft.firewall!.rules.map((each) => each.text)).toContain('accept all from net to guests:fd00:5::/64');
  expect(draft.nat.map((each) => each.text)).toEqual(['masquerade 10.5.0.0/24 out edge/eth0']);
});

test("docker's rules: published ports, all but its own bridge, its chains", () => {
  const text = given('docker.rules');
  const addresses = [['eth0', '192.0.2.10/24']] as const;
  const draft = importIptables(text, { router, addresses, gateway: '192.0.2.1' });
  expect(draft.nat.map((each) => each.text)).toEqual([
    'forward tcp edge/eth0:8080 to 172.17.0.2:80',
    'masquerade 172.17.0.0/16 out edge/eth0',
  ]);
  const rules = draft.firewall!.rules.map((each) => each.text);
  expect(rules).toEqual([
    'accept http from eth0 to docker0:172.17.0.2',
    'accept all from docker0 to eth0',
    'accept all from docker0 to docker0',
  ]);
});

test('libvirt-net: a device that nobody named is told to be a guess', () => {
  const text = "<network><forward mode='nat'/><ip address='10.5.0.1' prefix='24'/></network>";
  const guess = (uplink: string | undefined, xml = text) => {
    const draft = importLibvirtNet(xml, { router, uplink, addresses: [], gateway: undefined });
    return draft.unmapped.map((each) => each.text);
  };
  expect(guess(undefined)).toContain('eth0 is a guess');
  expect(guess('enp1s0')).toEqual(['its address']);
  expect(guess(undefined, text.replace("mode='nat'", "mode='nat' dev='enp1s0'"))).toEqual(['its address']);
});
