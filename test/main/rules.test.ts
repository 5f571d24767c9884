/** Rules as the API shows them: each with its own figures, also where several say the same. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { intentContent } from '../../src/flow/cookie.ts';
import { ruleIntents } from '../../src/flow/rule-intents.ts';
import { ruleStatuses } from '../../src/main/rules.ts';
import { createHistory } from '../../src/telemetry/counters/history.ts';
import { createIntentSums } from '../../src/telemetry/counters/intent-sums.ts';

const FILE = `flowloom: 1
hosts: { hv1: {} }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/a: { access: loc }, hv1/b: { access: net } } } }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: [10.66.66.1/24] }
      net: { segment: net, address: [10.88.88.66/24] }
nat:
  - masquerade 10.66.66.0/24 out edge/net
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  rules:
    - accept http from net to loc
  policy:
    - loc to net accept
`;

function fileInForce(): Config {
  const loaded = parseConfig(FILE, 'net.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** A switch with these intents in it: cookie → why, and what it counted. */
function counted(...intents: [key: string, intent: string, source: string, packets: number, aside?: true][]) {
  const sums = createIntentSums(createHistory());
  const owners = new Map(intents.map(([key, intent, source]) => [key, { app: 'firewall', intent, source }]));
  for (const [key, , , packets] of intents) {
    const part = sums.partOf(sums.intent(key, 'firewall'), 'a1');
    sums.count(part, 1);
    sums.rise(part, packets, packets * 100, 1_700_000_000_000 + packets, true);
    sums.settle([part], 0, 1000);
  }
  return {
    intents: sums.intents,
    ownerOf: (key: string) => owners.get(key)!,
    isAside: (key: string) => intents.some((each) => each[0] === key && each[4] === true),
  };
}

function connected(...problems: string[]) {
  const site = {
    ...{ dpid: 'a1', name: () => 'hv1/br0' },
    ...{ reconciler: { problems: () => problems }, timed: { problems: () => [] } },
  };
  return { connected: new Map([['a1', { site }]]) } as never;
}

test('they come in the order of the file, those without flows too', () => {
  const rules = ruleStatuses({ counters: counted(), switches: connected() }, fileInForce());
  expect(rules.map(({ kind, text, action, from, to }) => [kind, text, action, from, to])).toEqual([
    ['nat', 'masquerade 10.66.66.0/24 out edge/net', 'masquerade', null, null],
    ['firewall', 'accept http from net to loc', 'accept', 'net', 'loc'],
    ['policy', 'loc to net accept', 'accept', 'loc', 'net'],
  ]);
  expect(rules[1]).toMatchObject({
    ...{ source: 'net.yaml:16', packets: 0, lastHit: null, flows: 0, switches: [], problems: [], counter: null },
  });
  expect(ruleStatuses({ counters: counted(), switches: connected() }, undefined)).toEqual([]);
});

test('what flows count for a rule is summed; what another of its flows counts already is not', () => {
  const http = ['accept http from net to loc', 'net.yaml:16'] as const;
  const counters = counted(['0x1', ...http, 5], ['0x2', ...http, 8], ['0x3', ...http, 100, true]);
  expect(ruleStatuses({ counters, switches: connected() }, fileInForce())[1]).toMatchObject({
    ...{ packets: 13, bytes: 1300, packetRate: 13, bitRate: 10_400, flows: 3, switches: ['hv1/br0'], counter: '0x2' },
    lastHit: new Date(1_700_000_000_008).toISOString(),
  });
});

test('a rule of the same text at another line is another one', () => {
  const text = 'loc to net accept';
  const counters = counted(['0x1', text, 'net.yaml:18', 5], ['0x2', text, 'net.yaml:99', 8]);
  expect(ruleStatuses({ counters, switches: connected() }, fileInForce())[2]).toMatchObject({ packets: 5 });
});

test('what could not be put into a switch is told at its rule', () => {
  const refused = 'firewall: accept http from net to loc (net.yaml:16): OFPET_FLOW_MOD_FAILED/TABLE_FULL';
  const rules = ruleStatuses({ counters: counted(), switches: connected(refused, 'nat: other') }, fileInForce());
  expect(rules.map(({ problems }) => problems)).toEqual([[], [`hv1/br0: ${refused}`], []]);
});

test('of rules with one text each has an intent of its own, and the first that of its text alone', () => {
  const rules = ['a', 'b', 'a', 'a'].map((text, index) => ({ text, source: `f:${index}` }));
  const contents = ruleIntents(rules).map(intentContent);
  expect(new Set(contents).size).toBe(4);
  expect(contents.slice(0, 2)).toEqual(['a', 'b']);
  expect(ruleIntents(rules)[3]).toEqual({ text: 'a', source: 'f:3', ordinal: 3 });
  expect(intentContent({ text: 'a', counts: false })).not.toBe('a');
});
