/** Flows that are added, changed, named and deleted in order. */

import { toGroup } from './bodies.ts';
import type { Case } from './cases.ts';
import { applied, askFlows, flowMod, output } from './messages.ts';

const FLOWS: readonly Case[] = [
  [
    'flags of flows',
    [flowMod({ flags: ['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'] })],
  ],
  [
    'a flow that is added again',
    [flowMod({ cookie: 1n, idleTimeout: 5, importance: 3 }), flowMod({ cookie: 2n, hardTimeout: 7 })],
  ],
  [
    'a flow that is modified keeps all but its instructions',
    [
      flowMod({ cookie: 1n, idleTimeout: 5, importance: 3, flags: ['sendFlowRem'] }),
      flowMod({ command: 'modify', cookie: 2n, hardTimeout: 7, instructions: applied(output(2)) }),
    ],
  ],
  [
    'flows by cookie',
    [
      flowMod({ priority: 1, cookie: 0x11n }),
      flowMod({ priority: 2, cookie: 0x12n }),
      flowMod({ priority: 3, cookie: 0x21n }),
      askFlows({ cookie: 0x10n, cookieMask: 0xf0n }),
      flowMod({ command: 'modify', cookie: 0x20n, cookieMask: 0xf0n, instructions: applied(output(1)) }),
      flowMod({ command: 'delete', tableId: 'all', cookie: 0x11n, cookieMask: 0xffn }),
    ],
  ],
  [
    'flows by a looser match',
    [
      flowMod({ priority: 1, match: { inPort: 1, ethType: 0x800 } }),
      flowMod({ priority: 2, match: { ethType: 0x800, ipv4Src: { value: '10.1.0.0', mask: '255.255.0.0' } } }),
      flowMod({ priority: 3, match: { ethType: 0x806 } }),
      askFlows({ match: { ethType: 0x800 } }),
      askFlows({ match: { ethType: 0x800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } } }, 'aggregate'),
      askFlows({ match: { ethType: 0x800, ipv4Src: '10.1.0.1' } }),
      flowMod({ command: 'delete', match: { inPort: 1 } }),
    ],
  ],
  [
    'a flow that a strict command names or not',
    [
      flowMod({ match: { inPort: 1 } }),
      flowMod({ command: 'deleteStrict', match: { inPort: 2 } }),
      flowMod({ command: 'deleteStrict', priority: 99, match: { inPort: 1 } }),
      flowMod({ command: 'modifyStrict', match: { inPort: 1 }, instructions: applied(output('normal')) }),
    ],
  ],
  [
    'flows by port',
    [
      flowMod({ priority: 1, instructions: applied(output(1)) }),
      flowMod({ priority: 2, instructions: applied(output(2)) }),
      flowMod({ priority: 3, instructions: applied(output('controller', 0xffff)) }),
      askFlows({ outPort: 2 }),
      askFlows({ outPort: 'controller' }),
      flowMod({ command: 'delete', tableId: 'all', outPort: 1 }),
    ],
  ],
  [
    'flows that are not there, with a group that is not',
    [
      flowMod({ command: 'modify', instructions: toGroup(9) }),
      flowMod(),
      flowMod({ command: 'modify', instructions: toGroup(9) }),
    ],
  ],
];

export const FLOW_CASES: readonly Case[] = [...FLOWS];
