/** docs/trace.md: its example, every word of a packet (which `flowloom trace --help` has, too), and every option of the command. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeTrace } from '../../src/cli/describe-trace.ts';
import { parseConfig } from '../../src/config/load.ts';
import { traceFile } from '../../src/main/trace-file.ts';
import { KINDS, OPTIONS } from '../../src/trace/packet-words.ts';
import { flowloom } from '../cli/program.ts';

const page = readFileSync('docs/trace.md', 'utf8');

test('every word of a packet', async () => {
  const { code, stdout } = await flowloom(['trace', '--help'], '.');
  expect(code).toBe(0);
  const isSaid = (word: string) => new RegExp(`\`${word}[\` ]`).test(page);
  const words = [...Object.keys(KINDS), ...Object.keys(OPTIONS)];
  expect(words.filter((word) => !isSaid(word))).toEqual([]);
  expect(words.filter((word) => !new RegExp(`^ {2}${word} `, 'm').test(stdout))).toEqual([]);
  const options = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, option]) => option!);
  expect(options.length).toBeGreaterThan(8);
  expect(options.filter((option) => option !== '--help' && !page.includes(option))).toEqual([]);
});

/** The network of the example; its lines are those that the page names. */
const NETWORK = `flowloom: 1
hosts: { hv1: {} }
segments:
  loc: { subnet: 10.1.0.0/24 }
  net: { subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/web1: { access: loc, address: 10.1.0.5, mac: "02:00:00:00:01:05" }
      hv1/web2: { access: net, address: 10.2.0.9 }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: 10.2.0.1/24 }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy:
    - loc to net accept
    - net to all drop
    - all to all reject
  rules:
    - accept ping from loc to fw
    - drop telnet from loc to net
`;

test('the example is what is told', async () => {
  const loaded = parseConfig(NETWORK, 'flowloom.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const told = describeTrace(await traceFile(loaded.config, { words: 'from web1 tcp to 10.2.0.9:23' }), false);
  const [example = ''] = /^10\.1\.0\.5:49152 →[\s\S]*?(?=^```)/m.exec(page) ?? [];
  // On a file alone stations are not learned, and ports have no numbers.
  const same = example
    .replace('learned there', 'the file has it')
    .replace(' (port 1)', '')
    .replace('in_port=1\n', 'in_port=web1\n')
    .split(/^ +…\n/m);
  expect(same).toHaveLength(2);
  for (const part of same) expect(told).toContain(part);
});
