/** Strange input: no importer throws, no line is lost, and what is imported is accepted. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Draft } from '../../src/import/draft.ts';
import { importIptables } from '../../src/import/iptables/iptables.ts';
import { importLibvirtNet, LibvirtError } from '../../src/import/libvirt-net.ts';
import { importShorewall } from '../../src/import/shorewall/shorewall.ts';
import { writeFile } from '../../src/import/write-file.ts';
import { placesOf, router } from './imported.ts';

function problemsOf(draft: Draft): string[] {
  const loaded = parseConfig(writeFile(draft, 'imported'), 'imported');
  return loaded.ok ? [] : loaded.problems.map(({ source, message }) => `${source} ${message}`);
}

const CHAINS = ['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING', 'a', 'b', 'DOCKER'];
const ADDRESSES = ['10.0.0.5/32', '10.0.0.0/24', '192.0.2.0/24', '203.0.113.9', '0.0.0.0/0', '10.0.0.1/255.0.255.0'];
const chain = fc.constantFrom(...CHAINS);
const address = fc.constantFrom(...ADDRESSES, '2001:db8::/64', '2001:db8::5/128', 'nonsense');
const device = fc.constantFrom(
  'eth0',
  'eth1',
  'virbr0',
  'lo',
  'ppp+',
  'fw',
  'eth0.100',
  'eth0:1',
  'a-name-too-long-for-linux',
);
const word = fc.oneof(
  fc.tuple(fc.constantFrom('-s', '-d', '! -s', '! -d'), address),
  fc.tuple(fc.constantFrom('-i', '-o', '! -i', '! -o'), device),
  fc.tuple(
    fc.constantFrom('-p', '! -p'),
    fc.constantFrom('tcp', 'udp', 'icmp', 'ipv6-icmp', '47', 'hip', 'all', 'gre', 'nonsense'),
  ),
  fc.constantFrom(
    ...['--dport 80', '-m tcp --dport 80:90', '-m multiport --dports 25,110', '--sport 53', '-m udp ! --dport 1'],
    ...[
      '-m icmp --icmp-type 8',
      '--icmp-type 3/4',
      '--icmp-type any',
      '--icmpv6-type 128',
      '-m comment --comment "a # b: c"',
    ],
    ...['-m conntrack --ctstate NEW', '-m state --state ESTABLISHED,RELATED', '-m conntrack --ctstate INVALID'],
    ...[
      '-m limit --limit 3/min --limit-burst 7',
      '-m limit --limit 2/sec',
      '-m length --length 85:65535',
      '--tcp-flags SYN,RST SYN',
    ],
    ...[
      '-m owner --uid-owner 0',
      '-m recent --set --name x',
      '--syn',
      '! --syn',
      '-m',
      '!',
      '"',
      '-m length --length :99',
    ],
  ),
);
const target = fc.constantFrom(
  ...['-j ACCEPT', '-j DROP', '-j REJECT --reject-with tcp-reset', '-j RETURN', '-j a', '-g b', '-j nowhere', '', '-j'],
  ...['-j LOG --log-prefix "a: \\"b\\" #1 " --log-level 4', '-j LOG --log-level nonsense', '-j MARK --set-mark 1'],
  ...[
    '-j MASQUERADE',
    '-j MASQUERADE --to-ports 1024',
    '-j SNAT --to-source 203.0.113.9',
    '-j SNAT --to-source 203.0.113.9-203.0.113.12:1-9',
  ],
  ...[
    '-j DNAT --to-destination 10.0.0.5',
    '-j DNAT --to-destination 10.0.0.5:80-90',
    '-j DNAT --to-destination [2001:db8::5]:80',
  ],
  ...[
    '-j DNAT --to-destination :80',
    '-j REDIRECT --to-ports 3128',
    '-j DNAT',
    '-j SNAT --to-source [2001:db8::9]:1024-2000',
  ],
);
const rule = fc
  .tuple(chain, fc.array(word, { maxLength: 4 }), target)
  .map(([on, words, what]) => ['-A', on, ...words.flat(), what].join(' ').trim());
const line = fc.oneof(
  { weight: 12, arbitrary: rule },
  {
    weight: 2,
    arbitrary: fc.tuple(chain, fc.constantFrom('ACCEPT', 'DROP', '-')).map(([on, policy]) => `:${on} ${policy} [0:0]`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*filter', '*nat', '*mangle', 'COMMIT', '# a comment', '', '-N x', '-P INPUT DROP'),
  },
  { weight: 1, arbitrary: rule.map((text) => `[12:345] ${text}\r`) },
  { weight: 1, arbitrary: fc.string() },
);

/** A line that is neither a rule nor a chain's policy says nothing, nor does one that calls a chain of its table. */
function saysSomething(text: string): boolean {
  const bare = text.trim();
  if (bare === '' || /^(#|\*)/.test(bare) || bare === 'COMMIT') return false;
  return !/^:\S+\s+(ACCEPT|-)(\s|$)/.test(bare) && !/ -[jg] [ab]$/.test(bare);
}

test('iptables-save: any lines are read, none is lost, and the file is accepted', () => {
  fc.assert(
    fc.property(fc.constantFrom('*filter', '*nat'), fc.array(line, { maxLength: 25 }), (table, lines) => {
      const text = [table, ':a - [0:0]', ':b - [0:0]', ...lines];
      const addresses = [['eth1', '10.0.0.1/24']] as const;
      const draft = importIptables(text.join('\n'), { router, addresses, gateway: undefined });
      const places = new Set([...placesOf(draft)].flatMap((place) => place.split(' and ')));
      const lost = text.filter((each, index) => saysSomething(each) && !places.has(`line ${index + 1}`));
      expect(lost).toEqual([]);
      expect(problemsOf(draft)).toEqual([]);
    }),
  );
});

const COLUMN = fc.constantFrom(
  ...[
    'ACCEPT',
    'DROP',
    'DNAT',
    'REDIRECT',
    'SSH(ACCEPT)',
    'Ping/DROP',
    'CONTINUE',
    'QUEUE',
    'ACCEPT:info',
    'MASQUERADE',
    'SNAT(203.0.113.9)',
  ],
  ...[
    'net',
    'loc',
    'all',
    'any',
    '$FW',
    'fw',
    'all+',
    'net,loc',
    'net!loc',
    'loc:10.0.0.5',
    'loc:10.0.0.5:80',
    'net:!10.0.0.1',
    'vpn',
  ],
  ...[
    'tcp',
    'udp',
    'icmp',
    '47',
    '-',
    '80',
    'www',
    '80:90',
    '8',
    '53,80',
    'info',
    '$LOG_LEVEL',
    '3/min:5',
    's:1/sec:2',
    '$NONE',
  ],
  ...[
    'eth0',
    'eth1',
    'NET_IF',
    'eth0:0',
    'eth0:10.0.0.0/8',
    'ppp+',
    '10.0.0.0/24',
    '10.0.0.0/24!10.0.0.7',
    '203.0.113.9',
    '&eth0',
    'detect',
  ],
  ...[
    'ipv4',
    'firewall',
    'bport',
    'tcpflags,routeback',
    'physical=eth1,norfc1918',
    'nets=(10.0.0.0/8)',
    ';',
    'proto=tcp',
    '\\',
    '# no',
    '?IF',
  ],
);
const row = fc.oneof(
  { weight: 10, arbitrary: fc.array(COLUMN, { minLength: 1, maxLength: 9 }).map((columns) => columns.join(' ')) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '?if $X',
      '?else',
      '?endif',
      '?SECTION NEW',
      '?SECTION ESTABLISHED',
      '?FORMAT 2',
      'INCLUDE x',
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
const TABLES = ['rules', 'policy', 'snat', 'masq', 'nat', 'zones', 'interfaces', 'hosts', 'tunnels', 'params'] as const;

test('Shorewall: any rows are read, none is lost, and the file is accepted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TABLES), fc.array(row, { maxLength: 12 }), (table, rows) => {
      const files: Record<string, string> = {
        zones: 'fw firewall\nnet ipv4\nloc ipv4',
        interfaces: 'net eth0 detect tcpflags\nloc eth1 detect routeback',
        policy: 'loc net ACCEPT',
      };
      const before = files[table]?.split('\n') ?? [];
      const lines = [...before, ...rows];
      files[table] = lines.join('\n');
      const addresses = [
        ['eth0', '192.0.2.1/24'],
        ['eth1', '10.0.0.1/24'],
      ] as const;
      const draft = importShorewall((name) => files[name], { router, addresses, gateway: undefined });
      expect(problemsOf(draft)).toEqual([]);
      if (!['rules', 'snat', 'masq', 'nat', 'hosts', 'tunnels'].includes(table)) return;
      const places = placesOf(draft);
      const joined = lines.join('\n').includes('\\');
      const lost = lines.filter((text, index) => {
        const bare = text.replace(/#.*$/s, '').trim();
        const isSilent = bare === '' || /^\??(SECTION|FORMAT|COMMENT|SET|INCLUDE)\b/i.test(bare) || /[\n\r]/.test(text);
        return !isSilent && !joined && !places.has(`${table}:${index + 1}`);
      });
      expect(lost).toEqual([]);
    }),
  );
});

const attribute = fc.constantFrom(
  '',
  '10.0.0.1',
  '10.0.0.9',
  '10.0.0.300',
  'fd00::1',
  '24',
  '64',
  'nat',
  'route',
  'open',
  'bridge',
  'eth0',
  'a b',
  'x: y #',
  '5',
);
const NAMES = [
  'address',
  'prefix',
  'netmask',
  'start',
  'end',
  'mode',
  'dev',
  'name',
  'mac',
  'ip',
  'ipv6',
  'expiry',
  'unit',
  'family',
];
const TAGS = [
  'forward',
  'nat',
  'port',
  'address',
  'bridge',
  'ip',
  'dhcp',
  'range',
  'lease',
  'host',
  'domain',
  'dns',
  'route',
  'mtu',
];
const leaf = fc.tuple(fc.constantFrom(...TAGS), fc.dictionary(fc.constantFrom(...NAMES), attribute, { maxKeys: 4 }));
function withInner(inner: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  return fc.tuple(leaf, inner).map(([[tag, attributes], within]) => {
    const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
    return `<${tag}${given.join('')}>${within.join('')}</${tag}>`;
  });
}
const inmost = withInner(fc.constant([]));
const element = withInner(fc.array(withInner(fc.array(inmost, { maxLength: 3 })), { maxLength: 3 }));

test('libvirt-net: any elements are read, and the file is accepted', () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), (elements) => {
      const options = { router, uplink: 'eth0', addresses: [], gateway: undefined };
      const draft = importLibvirtNet(`<network>${elements.join('\n')}</network>`, options);
      expect(problemsOf(draft)).toEqual([]);
    }),
  );
  const options = { router, uplink: 'eth0', addresses: [], gateway: undefined };
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => importLibvirtNet(text, options)).toThrow(LibvirtError);
    }),
  );
});
