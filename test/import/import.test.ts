/** Networks that were built by hand, imported: the file that comes of them, and what is told to have no counterpart. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Draft } from '../../src/import/draft.ts';
import { importIptables } from '../../src/import/iptables/iptables.ts';
import { importLibvirtNet, LibvirtError } from '../../src/import/libvirt-net.ts';
import { importShorewall } from '../../src/import/shorewall/shorewall.ts';
import { writeFile } from '../../src/import/write-file.ts';
import { given, reader, router } from './imported.ts';

const here = import.meta.dirname;

/** The file, which is accepted, and after it what was not taken. */
function told(draft: Draft): string {
  const loaded = parseConfig(writeFile(draft, 'imported'), 'imported.yaml');
  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  const lines = (list: Draft['unmapped']) =>
    list.map(({ place, text, why }) => `${place}: ${text}\n  ${why}\n`).join('');
  const file = writeFile(draft, 'imported');
  return `${file}\n--- not taken ---\n${lines(draft.unmapped)}\n--- not needed ---\n${lines(draft.needless)}`;
}

const golden = (name: string) => join(here, 'golden', `${name}.txt`);

test("iptables-save of libvirt's default network", async () => {
  const draft = importIptables(given('libvirt.rules'), {
    router,
    addresses: [['eth0', '10.0.0.9/24']],
    gateway: '10.0.0.1',
  });
  await expect(told(draft)).toMatchFileSnapshot(golden('libvirt-rules'));
});

test('iptables-save with forwards, a pair of addresses, limits and a log', async () => {
  const draft = importIptables(given('poor-man.rules'), {
    router,
    addresses: [['eth1', '192.168.1.1/24']],
    gateway: undefined,
  });
  await expect(told(draft)).toMatchFileSnapshot(golden('poor-man-rules'));
});

test("Shorewall's two interfaces", async () => {
  const addresses = [
    ['eth0', '10.88.88.66/24'],
    ['eth1', '10.66.66.1/24'],
  ] as const;
  const draft = importShorewall(reader('shorewall'), { router, addresses, gateway: '10.88.88.1' });
  await expect(told(draft)).toMatchFileSnapshot(golden('shorewall'));
});

test('Shorewall 5: names of interfaces, sections, continued lines, its log level, a zone of two devices', async () => {
  const addresses = [
    ['enp1s0', '198.51.100.7/24'],
    ['enp2s0', '192.168.7.1/24'],
    ['enp3s0', '192.168.8.1/24'],
  ] as const;
  const draft = importShorewall(reader('shorewall-sections'), { router, addresses, gateway: '198.51.100.1' });
  await expect(told(draft)).toMatchFileSnapshot(golden('shorewall-sections'));
});

test("the XML of libvirt's default network", async () => {
  const options = { router, uplink: 'eth0', addresses: [['eth0', '10.0.0.9/24']], gateway: '10.0.0.1' } as const;
  await expect(told(importLibvirtNet(given('default.xml'), options))).toMatchFileSnapshot(golden('libvirt-xml'));
});

describe('what cannot be said is told with its line, and leaves no rule behind', () => {
  const rules = (...lines: string[]) => ['*filter', ':FORWARD DROP [0:0]', ':x - [0:0]', ...lines, 'COMMIT'].join('\n');
  const cases: [name: string, lines: string[], why: RegExp][] = [
    ['no other device', ['-A FORWARD -i a ! -o a -j ACCEPT'], /no other device/],
    ['flags of TCP', ['-A FORWARD -p tcp --tcp-flags SYN,RST SYN -j ACCEPT'], /--tcp-flags SYN,RST SYN/],
    ['all that is forwarded', ['-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT'], /a rule of its own/],
    ['a negation', ['-A FORWARD ! -p tcp -j ACCEPT'], /what it does not/],
    [
      'two ways to say a source',
      ['-A FORWARD -s 10.0.0.0/8 -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT'],
      /beside another source/,
    ],
    ['a module', ['-A FORWARD -m owner --uid-owner 0 -j ACCEPT'], /-m owner/],
    ['a device pattern', ['-A FORWARD -i eth+ -j ACCEPT'], /several devices/],
    ['a target', ['-A FORWARD -j QUEUE'], /-j QUEUE/],
    [
      'a condition that leaves a chain',
      ['-A FORWARD -j x', '-A x -s 10.0.0.1 -j RETURN', '-A x -j ACCEPT'],
      /leaves its chain/,
    ],
    [
      'a condition that is not known, which leaves a chain',
      ['-A FORWARD -j x', '-A x -m owner --uid-owner 0 -j RETURN', '-A x -j DROP'],
      /-m owner/,
    ],
    ['a log of its own', ['-A FORWARD -p tcp -j LOG', '-A FORWARD -p udp -j ACCEPT'], /put `log`/],
    [
      'what is established, dropped',
      ['-A FORWARD -m state --state ESTABLISHED -j DROP'],
      /established connections pass/,
    ],
  ];
  test.each(cases)('%s', (_, lines, why) => {
    const { unmapped, firewall } = importIptables(rules(...lines), { router, addresses: [], gateway: undefined });
    expect(unmapped[0]).toMatchObject({
      why: expect.stringMatching(why),
      place: expect.stringMatching(/^line [4-6]$/),
    });
    const told = new Set(unmapped.map(({ place }) => place));
    for (const { place } of firewall!.rules) expect(told).not.toContain(place);
  });
});

test('source ports, ranges and negated addresses are said as they are', () => {
  const text = [
    '*filter',
    ':INPUT DROP',
    '-A INPUT -i a -p udp --sport 68 --dport 67 -j ACCEPT',
    '-A INPUT -i a ! -s 10.0.0.0/8 -p tcp --dport 22 -j DROP',
    '-A INPUT -i a -m iprange --src-range 10.0.0.1-10.0.0.9 -p 47 -j ACCEPT',
  ];
  const { firewall, unmapped } = importIptables(text.join('\n'), { router, addresses: [], gateway: undefined });
  expect(firewall!.rules.map((each) => each.text)).toEqual([
    'accept udp 67 source 68 from a to fw',
    'drop ssh from a:!10.0.0.0/8 to fw',
    'accept protocol 47 from a:10.0.0.1-10.0.0.9 to fw',
  ]);
  expect(unmapped.map(({ place }) => place)).toEqual(['a']);
});

test('what begins a TCP connection is what a rule is about; what leaves its own network is translated', () => {
  const text = [
    '*filter',
    ':INPUT DROP',
    '-A INPUT -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT',
    '-A FORWARD -i eth0 -j DROP',
    '*nat',
    '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
  ];
  const addresses = [['eth0', '192.0.2.9/24']] as const;
  const draft = importIptables(text.join('\n'), { router, addresses, gateway: undefined });
  expect(draft.firewall!.rules.map((each) => each.text)).toContain('accept ssh from all to fw');
  expect(draft.nat.map((each) => each.text)).toEqual(['masquerade 172.17.0.0/16 out edge/eth0']);
  expect(draft.unmapped).toMatchObject([
    { place: 'docker0', text: 'its guests' },
    { place: 'docker0', text: 'address 172.17.0.1/16 is a guess' },
  ]);
  expect(told(draft)).toContain('hv1/veth*: { access: docker0 }');
});

test('a chain that is called twice says both', () => {
  const text = [
    '*filter',
    ':INPUT DROP',
    ':x -',
    '-A INPUT -i a -j x',
    '-A INPUT -i b -g x',
    '-A x -p tcp --dport 22 -j ACCEPT',
    '-A x -j DROP',
  ];
  const { firewall } = importIptables(text.join('\n'), { router, addresses: [], gateway: undefined });
  expect(firewall!.rules.map((each) => each.text)).toEqual([
    'accept ssh from a to fw',
    'drop all from a to fw',
    'accept ssh from b to fw',
    'drop all from b to fw',
  ]);
});

test('what is no network of libvirt is refused', () => {
  const options = { router, uplink: 'eth0', addresses: [], gateway: undefined };
  for (const text of ['', '<a>', '<domain/>', 'network', '<network><ip></network>']) {
    expect(() => importLibvirtNet(text, options), text).toThrow(LibvirtError);
  }
  // The parser quotes all that it stumbles over.
  expect(() => importLibvirtNet('no XML '.repeat(1000), options)).toThrow(/^.{1,200}$/s);
});
