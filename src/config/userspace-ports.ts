/**
 * What Open vSwitch's userspace datapath (`datapath: netdev`) takes into its database and then does not do: its ports of
 * these kinds come up, and what goes there is lost. Seen on Open vSwitch 3.1.
 */

import type { Findings } from './findings.ts';
import type { Bridge, Port } from './model.ts';

/** It lists them among its interface types, and encapsulates nothing for them. */
const LOST: readonly string[] = ['stt', 'lisp', 'bareudp'];
/** All are IP protocol 47; it looks at no more than that when a packet comes in. */
const PROTOCOL_47: readonly string[] = ['gre', 'ip6gre', 'erspan', 'ip6erspan'];

export function checkUserspacePorts(bridges: readonly Bridge[], findings: Findings): void {
  const protocol47 = new Map<string, { name: string; type: string }>();
  for (const bridge of bridges) {
    if (bridge.datapath !== 'netdev') continue;
    for (const port of bridge.ports) {
      const path = ['bridges', bridge.name, 'ports', `${port.host}/${port.name}`];
      const key = `port ${port.host}/${port.name}`;
      if (LOST.includes(port.type)) {
        findings.problem(
          [...path, 'type'],
          `${key}: Open vSwitch's userspace datapath, which bridge ${bridge.name} uses, cannot do ${port.type}`,
          'write vxlan, geneve, gre, erspan or gtpu, or `datapath: system` where the kernel has it',
        );
      }
      if (PROTOCOL_47.includes(port.type)) {
        const other = protocol47.get(port.host);
        if (other === undefined) protocol47.set(port.host, port);
        else if (other.type !== port.type) {
          findings.warning(
            [...path, 'type'],
            `${key}: ${other.name} on the same host is ${other.type}, and Open vSwitch's userspace datapath cannot tell ` +
              `${other.type} from ${port.type} when it comes in: one of the two loses all, or both do`,
            'keep to one of them on a host, or write `datapath: system`',
          );
        }
      }
      if (polices(port)) {
        findings.warning(
          [...path, 'policing'],
          `${key}: Open vSwitch has the kernel do the policing, which comes too late for the userspace datapath of bridge ` +
            `${bridge.name}: nothing is limited`,
          'write `datapath: system`, or shape what leaves by the other ports with `qos`',
          'key',
        );
      }
    }
  }
}

function polices({ interfaceColumns }: Port): boolean {
  return ['ingress_policing_rate', 'ingress_policing_kpkts_rate'].some(
    (column) => Number(interfaceColumns[column]) > 0,
  );
}
