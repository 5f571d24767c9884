/** Flows in ovs-ofctl's text: what is shown can be given back to ovs-ofctl, and means the same. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  actions,
  clone,
  ct,
  decNwTtl,
  drop,
  goto,
  learn,
  load,
  meter,
  move,
  normal,
  output,
  popVlan,
  punt,
  pushVlan,
  resubmit,
  set,
} from '../../src/flow/actions.ts';
import type { AppAction, AppMatch } from '../../src/flow/flow.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../src/flow/text/instructions.ts';
import { compileInstructions, compileMatch, type Scope } from '../../src/flow/weave/compile.ts';

const run = promisify(execFile);
const scope: Scope = {
  table: () => 20,
  neededTable: () => 20,
  groupId: () => 7,
  meterId: () => 9,
  field: (name) => ({ field: name === 'a.mark' ? 'ctMark' : 'reg6', offset: 4, bits: 3 }),
  zone: (zone) => zone,
  stateCookie: () => 0xf10001400000000an,
};

const MATCHES: [AppMatch, string][] = [
  [{}, ''],
  [{ inPort: 1, ethType: 0x0800, ipProto: 6, tcpDst: 80 }, 'tcp,in_port=1,tp_dst=80'],
  [{ ethType: 0x0806, arpOp: 1, arpTpa: '10.0.0.1' }, 'arp,arp_tpa=10.0.0.1,arp_op=1'],
  [{ ethType: 0x0800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } }, 'ip,nw_src=10.0.0.0/8'],
  [{ ethType: 0x88cc }, 'dl_type=0x88cc'],
  [{ metadata: { value: 100n, mask: 0xffffn }, reg1: 2 }, 'reg1=0x2,metadata=0x64/0xffff'],
  [{ 'a.field': 5, 'a.mark': { value: 1, mask: 1 } }, 'ct_mark=0x10/0x10,reg6=0x50/0x70'],
  [{ ctState: { value: 0x21, mask: 0x31 } }, 'ct_state=+new-inv+trk'],
  [{ ethDst: { value: '01:80:c2:00:00:00', mask: 'ff:ff:ff:ff:ff:f0' } }, 'dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0'],
];

test.for(MATCHES)('match %#', ([match, text]) => {
  expect(formatMatch(compileMatch(match, scope))).toBe(text);
});

const ACTIONS: [AppAction[], string][] = [
  [drop(), 'drop'],
  [[normal()], 'NORMAL'],
  [[punt(128)], 'CONTROLLER:128'],
  [actions(output(3), output('flood'), output('inPort')), 'output:3,FLOOD,IN_PORT'],
  [actions(pushVlan(), set({ vlanVid: 0x1064 }), output(1)), 'push_vlan:0x8100,set_field:4196->vlan_vid,output:1'],
  [actions(popVlan(), decNwTtl(), goto('x')), 'pop_vlan,dec_ttl,goto_table:20'],
  [
    actions(load('nxmInPort', 0), move('ethSrc', 'ethDst')),
    'load:0->NXM_OF_IN_PORT[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
  ],
  [actions(meter('m'), output(1), goto('x')), 'meter:9,output:1,goto_table:20'],
  [[punt(undefined, { meter: 'm' })], 'controller(meter_id=9)'],
  [[punt(128, { meter: 'm' })], 'controller(max_len=128,meter_id=9)'],
  [
    [ct({ zone: 5, commit: true, set: set({ 'a.mark': 6 }) }), ...set({ 'a.field': 2 })],
    'ct(commit,zone=5,exec(load:0x6->NXM_NX_CT_MARK[4..6])),load:0x2->NXM_NX_REG6[4..6]',
  ],
  [[resubmit('x'), clone(output(1))], 'resubmit(,20),clone(output:1)'],
  [
    [
      ct({
        zone: 5,
        commit: true,
        set: set({ ctMark: 1 }),
        nat: { side: 'src', address: '10.0.0.1', ports: [1024, 2000] },
        table: 'x',
      }),
    ],
    'ct(commit,table=20,zone=5,nat(src=10.0.0.1:1024-2000),exec(set_field:0x1->ct_mark))',
  ],
  [[ct({ zone: 5, nat: 'follow', table: 'x' })], 'ct(table=20,zone=5,nat)'],
  [
    [ct({ zone: 5, commit: true, nat: { side: 'dst', address: '10.0.0.9', ports: [80, 80] } })],
    'ct(commit,zone=5,nat(dst=10.0.0.9:80))',
  ],
  [
    [learn({ table: 'x', priority: 10, hardTimeout: 300, intent: 'x', items: [{ match: 'ethDst', from: 'ethSrc' }] })],
    'learn(table=20,hard_timeout=300,priority=10,cookie=0xf10001400000000a,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])',
  ],
];

test.for(ACTIONS)('actions %#', ([list, text]) => {
  expect(formatInstructions(compileInstructions(list, scope))).toBe(text);
});

test('ovs-ofctl reads it', async () => {
  const flows = [
    ...MATCHES.map(([, text]) => `${text} actions=drop`),
    // On tagged IPv4: what pop_vlan, ct and dec_ttl need.
    ...ACTIONS.map(([, text]) => `ip,dl_vlan=5 actions=${text}`),
  ];
  for (const flow of flows) {
    await expect(run('ovs-ofctl', ['-O', 'OpenFlow14', 'parse-flow', flow])).resolves.toBeDefined();
  }
});
