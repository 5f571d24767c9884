/** The flows: probes come here, nothing passes a closed port in either direction. */

import { type AppFlow, drop, ETHER_TYPE, flow, LLDP_NEAREST_BRIDGE, next, punt } from '../../src/index.ts';
import type { ClosedPorts } from './closing.ts';
import { PROBE_SOURCE } from './probe.ts';

type Flows = [key: string, flow: AppFlow][];

/** Why does not belong here: the same flow stands over a restart, whatever was known before. */
const CLOSED = 'nothing passes a port that would close a loop, or may';
const OPEN = flow({ priority: 0, match: {}, actions: [next()], intent: 'ports that are open' });

/** The forms in which frames of a segment come in by a port: values of vlan_vid. */
export type TagsOf = (port: number, segment: number) => readonly number[];

export function classifyFlows(closed: ClosedPorts, tagsOf: TagsOf): Flows {
  const flows: Flows = [
    [
      'probe',
      flow({
        priority: 200,
        match: { ethType: ETHER_TYPE.lldp, ethDst: LLDP_NEAREST_BRIDGE, ethSrc: PROBE_SOURCE },
        actions: [punt()],
        intent: 'find the links between switches',
      }),
    ],
    ['open', OPEN],
  ];
  for (const [port, what] of closed) {
    if (what === 'all') {
      flows.push([`from ${port}`, flow({ priority: 100, match: { inPort: port }, actions: drop(), intent: CLOSED })]);
      continue;
    }
    for (const tag of new Set([...what].flatMap((segment) => tagsOf(port, segment)))) {
      const match = { inPort: port, vlanVid: tag };
      flows.push([`from ${port} ${tag}`, flow({ priority: 100, match, actions: drop(), intent: CLOSED })]);
    }
  }
  return flows;
}

export function outputFlows(closed: ClosedPorts): Flows {
  const flows: Flows = [['open', OPEN]];
  for (const [port, what] of closed) {
    if (what === 'all') {
      flows.push([`to ${port}`, flow({ priority: 100, match: { outPort: port }, actions: drop(), intent: CLOSED })]);
      continue;
    }
    for (const segment of what) {
      const match = { outPort: port, segment };
      flows.push([`to ${port} ${segment}`, flow({ priority: 100, match, actions: drop(), intent: CLOSED })]);
    }
  }
  return flows;
}
