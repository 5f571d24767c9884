/** Bundles and flow monitors, right and wrong. */

import { add, body, control, endMonitor, monitor, portMod, tableMod, toGroup } from './bodies.ts';
import type { Case } from './cases.ts';
import { applied, ask, askFlows, changed, flowMod, groupMod, meterMod, output } from './messages.ts';

const BUNDLES: readonly Case[] = [
  ['a bundle', [control('openRequest'), add(flowMod(), 2), control('closeRequest'), control('commitRequest')]],
  ['a bundle that is not closed', [control('openRequest'), add(flowMod(), 2), control('commitRequest')]],
  ['a bundle opened twice', [control('openRequest'), control('openRequest'), control('commitRequest')]],
  ['bundles that there are not', [control('closeRequest'), control('commitRequest'), control('discardRequest')]],
  [
    'a bundle closed with other flags',
    [control('openRequest', []), control('closeRequest', ['atomic']), control('commitRequest', [])],
  ],
  [
    'a bundle committed with other flags',
    [control('openRequest', []), control('commitRequest', ['atomic']), control('commitRequest', [])],
  ],
  [
    'a bundle closed twice',
    [control('openRequest'), control('closeRequest'), control('closeRequest'), control('commitRequest')],
  ],
  [
    'a message for a closed bundle',
    [control('openRequest'), control('closeRequest'), add(flowMod(), 3), control('commitRequest')],
  ],
  [
    'a message with other flags',
    [control('openRequest', []), add(flowMod(), 2, ['atomic']), control('commitRequest', [])],
  ],
  ['a bundle that nobody opened', [add(flowMod(), 1), control('commitRequest')]],
  [
    'controls that are none',
    [
      control('openReply'),
      control('commitReply'),
      control('openRequest', [4]),
      control('discardRequest'),
      changed(control('openRequest'), (bytes) => void bytes.writeUInt16BE(9, 12)),
    ],
  ],
  [
    'messages that bundles do not take',
    [
      control('openRequest'),
      add(flowMod(), 77),
      add(body({ type: 'barrierRequest' }), 3),
      add(flowMod({ flags: [32] }), 4),
      add(flowMod({ tableId: 254 }), 5),
      add(meterMod({ command: 'delete' }), 6),
      add(tableMod(), 7),
      add(flowMod({ priority: 7 }), 8),
      control('commitRequest'),
    ],
  ],
  [
    'a bundle of which one message cannot be carried out',
    [
      control('openRequest'),
      add(flowMod({ priority: 11 }), 2),
      add(flowMod({ priority: 12, instructions: toGroup(66) }), 3),
      add(flowMod({ priority: 13 }), 4),
      control('commitRequest'),
    ],
  ],
  [
    'a bundle whose group its flows name',
    [
      control('openRequest'),
      add(groupMod({ groupId: 66 }), 2),
      add(flowMod({ priority: 12, instructions: toGroup(66) }), 3),
      control('commitRequest'),
      askFlows({ outGroup: 66 }),
    ],
  ],
  [
    'flows that are taken back',
    [
      flowMod({ priority: 1, instructions: applied(output(1)) }),
      flowMod({ priority: 2, cookie: 5n, idleTimeout: 9 }),
      control('openRequest'),
      add(flowMod({ command: 'delete', priority: 1 }), 4),
      add(flowMod({ priority: 2, cookie: 6n, instructions: applied(output(2)) }), 5),
      add(flowMod({ priority: 3 }), 6),
      add(groupMod({ command: 'modify', groupId: 9 }), 7),
      control('commitRequest'),
    ],
  ],
  ['a port-mod in an atomic bundle', [control('openRequest'), add(portMod(), 2), control('commitRequest')]],
  [
    'port-mods in another',
    [
      control('openRequest', ['ordered']),
      add(portMod(), 2, ['ordered']),
      add(portMod({ portNo: 99 }), 3, ['ordered']),
      control('commitRequest', ['ordered']),
    ],
  ],
  [
    'messages inside with other headers',
    [
      control('openRequest'),
      changed(add(flowMod(), 2), (bytes) => void bytes.writeUInt16BE(200, 18), 2),
      changed(add(flowMod(), 3), (bytes) => void bytes.writeUInt16BE(4, 18), 3),
      changed(add(flowMod(), 4), (bytes) => void bytes.writeUInt8(4, 16), 4),
      changed(add(flowMod(), 5), (bytes) => void bytes.writeUInt8(99, 17), 5),
      control('discardRequest'),
    ],
  ],
];

const MONITORS: readonly Case[] = [
  [
    'monitors of two controllers',
    [
      [
        0,
        flowMod({ cookie: 1n, priority: 1, instructions: applied(output(1)) }),
        flowMod({ cookie: 2n, priority: 2 }),
        monitor(),
      ],
      [1, monitor({ monitorId: 3, flags: ['add', 'removed', 'modify', 'onlyOwn'] })],
      [0, flowMod({ priority: 3, cookie: 3n, idleTimeout: 100, instructions: applied(output(3)) })],
      [0, flowMod({ priority: 3, cookie: 3n, idleTimeout: 100, instructions: applied(output(3)) })],
      [0, flowMod({ command: 'modifyStrict', priority: 3, instructions: applied(output(3)) })],
      [0, flowMod({ command: 'modifyStrict', priority: 3, instructions: applied(output(4)) })],
      [1, flowMod({ priority: 4, cookie: 4n }), flowMod({ priority: 5, cookie: 5n })],
      [
        0,
        control('openRequest'),
        add(flowMod({ priority: 21 }), 2),
        add(flowMod({ priority: 22 }), 3),
        add(flowMod({ command: 'deleteStrict', priority: 3 }), 4),
        control('commitRequest'),
      ],
      [1, endMonitor(3)],
      [0, endMonitor(1)],
    ],
  ],
  [
    'a monitor of a port',
    [
      [
        0,
        monitor({ outPort: 2 }),
        flowMod({ priority: 1, instructions: applied(output(2)) }),
        flowMod({ priority: 2, instructions: applied(output(1)) }),
      ],
      [1, flowMod({ command: 'modify', instructions: applied(output(2)) })],
      [1, flowMod({ command: 'modifyStrict', priority: 1, instructions: [] })],
      [0, endMonitor(1)],
    ],
  ],
  ['a monitor twice', [monitor(), monitor(), endMonitor(1)]],
  ['a monitor with the flag noAbbrev', [monitor({ flags: ['noAbbrev', 'add'] })]],
  ['a monitor of nothing', [monitor({ flags: ['initial'] })]],
  ['a monitor that there is not is changed', [monitor({ command: 'modify' })]],
  ['a monitor that is changed', [monitor(), monitor({ command: 'modify', flags: ['add'] }), endMonitor(1)]],
  ['a monitor of a port that can be none', [monitor({ outPort: 0x12345 })]],
  ['a monitor with a command that there is not', [monitor({ command: 7 })]],
  ['no monitor', [ask('flowMonitor', [])]],
];

export const BUNDLE_AND_MONITOR_CASES: readonly Case[] = [...BUNDLES, ...MONITORS];
