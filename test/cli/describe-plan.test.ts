/** A plan as text: by host, by switch and line of the file, bounded, with the sums at the end. */

import { expect, test } from 'vitest';
import type { NetworkPlan } from '../../src/api/network-plan.ts';
import { describePlan } from '../../src/cli/describe-plan.ts';
import { samplePlan } from '../api/sample-source.ts';

test('one of everything', () => {
  expect(describePlan(samplePlan())).toBe(`hv1: 1 change over OVSDB
  br0: add port web3 (net.yaml:14)
  refused: bridge br9 exists and is not Flowloom's (net.yaml:30)
  br1: it gets its first controller, so Open vSwitch removes its 3 flows (net.yaml:16)
    priority=0 actions=NORMAL
    … and 2 more
  br2: it loses its last controller, so Open vSwitch removes its flows (net.yaml:18): it has no socket here

hv1/br0: 1 flow added, 2 flows changed, 1 flow removed, 1 group added, 1 group removed, 1 meter added, 41 stay
  net.yaml:22 nat: masquerade 10.66.66.0/24 out edge/net
    + snat 30000: ip,nw_src=10.66.66.0/24 → ct(commit,zone=2)
    ~ snat 29999: ip,nw_src=10.66.66.0/24 → ct(commit,zone=2)
      before: drop
    ~ snat 29998: ip,nw_src=10.66.66.0/24 → ct(commit,zone=2)
      before: for "masquerade all"
  ?: what it was for is not known any more
    - snat 30000: ip,nw_src=10.66.66.0/24 → ct(commit,zone=2)
  segments: group loc
    + group_id=1,type=all,bucket=actions=output:1
  group 2
    - group_id=2
  limits: meter pings
    + meter=3,pktps,stats,bands=type=drop,rate=5
  refused: nat: forward tcp 10.88.88.66:80 (net.yaml:24): a foreign flow stands there

unknown: hv2: it does not answer

note: hv3 is no longer in the file; what was configured there stays

1 change over OVSDB, 1 flow added, 2 flows changed, 1 flow removed, 1 group added, 1 group removed, 1 meter added; nothing was done
`);
});

const empty: NetworkPlan = {
  ...{ file: 'net.yaml', problems: [], warnings: [], unknown: [], notes: [], switches: [] },
  hosts: [{ name: 'hv1', state: 'current', changes: [], refused: [], flushes: [], note: null }],
};

test('nothing', () => {
  expect(describePlan(empty)).toBe('nothing would change: 1 host and 0 switches are as net.yaml says\n');
  expect(describePlan({ ...empty, file: null, hosts: [] })).toContain('0 hosts and 0 switches have what the apps want');
  const [host] = empty.hosts;
  expect(describePlan({ ...empty, hosts: [{ ...host!, refused: ['bridge br9 is not ours'] }] })).toBe(
    'hv1: 0 changes over OVSDB\n  refused: bridge br9 is not ours\n\nnothing would change; what is refused stays so\n',
  );
  expect(describePlan({ ...empty, unknown: ['hv2: gone'] })).toBe(
    'unknown: hv2: gone\n\nnothing else would change, as far as is known\n',
  );
});

test('of a file that was put in force: nothing differed only where all was looked at', () => {
  expect(describePlan(empty, true)).toBe('nothing differed\n');
  const gone = 'hv2: its database is not connected';
  expect(describePlan({ ...empty, unknown: [gone] }, true)).toBe(`what differs is not known yet: ${gone}\n`);
  const changed = { ...empty.hosts[0]!, changes: ['br0: add port web3'] };
  expect(describePlan({ ...empty, hosts: [changed], unknown: [gone] }, true)).toBe(
    `hv1: 1 change over OVSDB\n  br0: add port web3\n\nwhat differs is not known yet: ${gone}\n\n1 change over OVSDB\n`,
  );
});

test('many flows of one intent are cut short, in the order of the file', () => {
  const [sample] = samplePlan().switches;
  const flow = { ...sample!.flows[0]!, source: 'net.yaml:9' };
  const flows = [{ ...flow, source: 'net.yaml:100' }, ...Array.from({ length: 12 }, () => flow)];
  const text = describePlan({ ...empty, switches: [{ ...sample!, flows, groups: [], meters: [], refused: [] }] });
  expect(text.match(/^ {4}\+ /gm)).toHaveLength(11);
  expect(text).toContain('    … and 2 more (--json has them all)\n');
  expect(text.indexOf('net.yaml:9 ')).toBeLessThan(text.indexOf('net.yaml:100 '));
});
