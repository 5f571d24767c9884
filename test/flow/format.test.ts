/** Flows in ovs-ofctl's text: what is shown can be given back to ovs-ofctl, and means the same. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Match } from '../../proto/openflow/match.ts';
import {
  actions,
  clone,
  ct,
  decNwTtl,
  drop,
  goto,
  learn,
  load,
  move,
  normal,
  output,
  popVlan,
  punt,
  pushVlan,
  resubmit,
  set,
} from '../../src/flow/actions.ts';
import { compileInstructions, compileMatch } from '../../src/flow/compile.ts';
import type { AppAction } from '../../src/flow/flow.ts';
import { formatMatch } from '../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../src/flow/text/instructions.ts';

const run = promisify(execFile);
const scope = { table: () => 20, groupId: () => 7 };

const MATCHES: [Match, string][] = [
  [{}, ''],
  [{ inPort: 1, ethType: 0x0800, ipProto: 6, tcpDst: 80 }, 'tcp,in_port=1,tp_dst=80'],
  [{ ethType: 0x0806, arpOp: 1, arpTpa: '10.0.0.1' }, 'arp,arp_tpa=10.0.0.1,arp_op=1'],
  [{ ethType: 0x0800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } }, 'ip,nw_src=10.0.0.0/8'],
  [{ ethType: 0x88cc }, 'dl_type=0x88cc'],
  [{ metadata: { value: 100n, mask: 0xffffn }, reg1: 2 }, 'reg1=0x2,metadata=0x64/0xffff'],
  [{ ctState: { value: 0x21, mask: 0x31 } }, 'ct_state=+new-inv+trk'],
  [{ ethDst: { value: '01:80:c2:00:00:00', mask: 'ff:ff:ff:ff:ff:f0' } }, 'dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0'],
];

test.for(MATCHES)('match %#', ([match, text]) => {
  expect(formatMatch(compileMatch(match))).toBe(text);
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
    [learn({ table: 'x', priority: 10, hardTimeout: 300, state: 'mac', items: [{ match: 'ethDst', from: 'ethSrc' }] })],
    'learn(table=20,hard_timeout=300,priority=10,cookie=0xf100e00000000001,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])',
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
