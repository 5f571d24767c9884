/** Rules that never apply are warned of, with the line of the one that decides before them. */

import { expect, test } from 'vitest';
import { createRuleIndex } from '../../src/config/firewall/rule-index.ts';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { fileOf } from './bad-files.ts';

const firewallOf = (rules: string[], policy = '[all to all drop]') =>
  fileOf(`firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  sets: { few: [10.9.0.1, 10.9.0.2], many: [10.9.0.0/24, 10.8.0.0/16] }
  services: { web: [tcp 80, tcp 443] }
  policy: ${policy}
  rules:
${rules.map((rule) => `    - ${rule}\n`).join('')}`);

function warnings(rules: string[], policy?: string): string[] {
  const loaded = parseConfig(firewallOf(rules, policy), 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.warnings.map(({ message }) => message.replace(/ \(f\.yaml:\d+\)/g, ''));
}

const never = (rule: string, by: string, does: string) =>
  `\`${rule}\` never applies: \`${by}\` ${does} the same packets first`;

test.for([
  ['accept http from net to loc:10.66.66.67', 'drop all from net to all', 'drops'],
  ['accept http from net:10.9.0.7 to loc', 'reject tcp 1-1024 from net:10.9.0.0/16 to loc', 'rejects'],
  ['drop http,https from net to loc', 'accept web from all to loc', 'accepts'],
  ['accept https from net to loc', 'accept web from net to loc', 'accepts'],
  ['drop ssh from net:@few to loc', 'accept ssh from net:@many to loc', 'accepts'],
  ['drop ssh from net:@few,10.8.9.9 to loc', 'accept ssh from net:@many to loc', 'accepts'],
  ['drop ping from net:10.9.0.1 to fw', 'accept icmp,icmpv6 from net:@many to fw', 'accepts'],
  ['drop ping from net to fw over 100 bytes', 'drop ping from net to fw over 84 bytes', 'drops'],
  ['accept ssh from net to loc limit 3/min burst 5', 'drop ssh from net to all', 'drops'],
  ['accept icmpv6 128 from net to loc', 'accept ping from net to loc', 'accepts'],
] as const)('%s, below %s', ([rule, by, does]) => {
  expect(warnings([by, rule])).toEqual([never(rule, by, does)]);
  // The other way round each has something to decide.
  expect(warnings([rule, by])).toEqual([]);
});

test.for([
  ['accept ssh from net to loc limit 3/min burst 5', 'accept tcp 22 from net to loc'],
  ['drop ping from net to fw over 84 bytes', 'accept ping from net to fw'],
  ['accept http from net:10.9.0.1 to loc', 'drop http from net to loc'],
  ['accept http from net to loc', 'drop http from all to loc'],
  ['accept icmp from net to loc', 'drop ping from net to loc'],
  ['accept tcp 80-90 from net to loc', 'drop tcp 85-95 from net to loc'],
  ['accept ssh from net:@few to loc', 'drop ssh from net:@many to loc'],
  ['accept ssh from net:10.9.0.0/24 to loc', 'drop ssh from net to loc:10.9.0.1'],
])('each applies: %s, then %s', ([first, then]) => {
  expect(warnings([first!, then!])).toEqual([]);
});

test('a policy behind a rule for everything', () => {
  expect(warnings(['drop all from net to all'], '[net to all drop]')).toEqual([
    never('net to all drop', 'drop all from net to all', 'drops'),
  ]);
});

test('both lines are told', () => {
  const text = fileOf(`firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  rules:
    - drop all from net to all
    - accept ssh from net to fw
`);
  const line = text.split('\n').findIndex((each) => each.includes('drop all')) + 1;
  const loaded = parseConfig(text, 'f.yaml');
  const [warning] = loaded.warnings;
  expect(warning?.source).toBe(`f.yaml:${line + 1}:7`);
  expect(warning?.message).toContain(`(f.yaml:${line})`);
});

test.for([
  ['drop http,https from net to loc', 'accept http from net to loc', 'accept https from all to loc'],
  ['drop tcp 50-150 from net to loc', 'accept tcp 1-100 from net to loc', 'accept tcp 101-200,7 from net to loc'],
  [
    'drop ssh from net:10.9.0.0/24,10.8.0.1 to loc',
    'accept ssh from net:10.9.0.0/16 to loc',
    'accept tcp from net:10.8.0.0/16 to loc',
  ],
  ['drop ping from net to loc', 'accept icmp from net to loc', 'accept icmpv6 from net to loc'],
])('%s, below rules that together take it all', ([rule, one, other]) => {
  expect(warnings([one!, other!, rule!])).toEqual([
    `\`${rule}\` never applies: \`${one}\`, \`${other}\` decide the same packets first, together`,
  ]);
  expect(warnings([one!, rule!, other!])).toEqual([]);
  expect(warnings([one!, `${other} limit 3/min burst 5`, rule!])).toEqual([]);
});

test.for([
  ['drop udp 53 source 1024-65535 from net to loc', 'drop udp 53 from net to loc'],
  ['drop ssh from net:10.9.0.0/16!10.9.1.0/24 to loc', 'drop ssh from net:10.9.0.0/16 to loc'],
  ['drop ssh from net:10.9.0.1-10.9.0.6 to loc', 'drop ssh from net:10.9.0.0/29 to loc'],
])('%s is within %s', ([narrow, wide]) => {
  expect(warnings([wide!, narrow!])).toEqual([never(narrow!, wide!, 'drops')]);
  expect(warnings([narrow!, wide!])).toEqual([]);
});

test('of thousands of rules few are compared with each', () => {
  const rules = Array.from({ length: 5000 }, (_, i) =>
    i % 2 === 0 ? `accept tcp ${i + 1} from net to loc` : `accept http from net to loc:10.${i >> 8}.${i & 255}.1`,
  );
  const loaded = parseConfig(firewallOf(rules), 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  expect(loaded.warnings).toEqual([]);
  const index = createRuleIndex();
  let compared = 0;
  for (const rule of loaded.config.firewall!.rules) {
    compared += index.candidates(rule).length;
    index.add(rule);
  }
  expect(compared).toBeLessThan(rules.length);
});

test('a rule for IPv6 where no router has any', () => {
  const of6 = (rule: string) => `\`${rule}\` never applies: it is of IPv6, and no router has an IPv6 address`;
  const rules = ['accept ssh from net:2001:db8::/32 to loc', 'accept http from net to loc:!2001:db8::1'];
  expect(warnings([...rules, 'accept icmpv6 from net to loc', 'drop ssh from net:@few,2001:db8::1 to loc'])).toEqual(
    rules.map(of6),
  );
});
