/** Options of interfaces (shorewall-interfaces(5)): what may not come in, whatever the rules say. */

import { holds } from './address.ts';
import type { Sent } from './connection.ts';
import { towardsName } from './model-nat.ts';
import { type InterfaceOption, interfaceOf, isOwn, type Network, type TcpFlag } from './network.ts';

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const GROUPS = ['224.0.0.0/4', '255.255.255.255', 'ff00::/8'];

/** The option that refuses it. */
export function isRefusedAt(network: Network, { packet, arrival, flags }: Sent): InterfaceOption | undefined {
  const { src, dst, protocol } = packet;
  const { options } = interfaceOf(network, arrival);
  const refuses: Record<InterfaceOption, () => boolean> = {
    norfc1918: () => PRIVATE.some((prefix) => holds(prefix, src) || holds(prefix, dst)),
    nosmurfs: () => GROUPS.some((prefix) => holds(prefix, src)) || isBroadcast(network, src),
    tcpflags: () => protocol === 'tcp' && isNonsense(flags),
    routefilter: () => isOwn(network, src) || towardsName(network, src) !== arrival,
    routeback: () => false,
  };
  return options.find((option) => refuses[option]());
}

function isBroadcast({ interfaces, family }: Network, address: string): boolean {
  return family === 4 && address.endsWith('.255') && interfaces.some(({ prefix }) => holds(prefix, address));
}

/** Combinations that no stack sends. */
export function isNonsense(flags: readonly TcpFlag[]): boolean {
  const has = (...wanted: TcpFlag[]) => wanted.every((flag) => flags.includes(flag));
  if (flags.length === 0 || (flags.length === 3 && has('fin', 'psh', 'urg'))) return true;
  return has('syn', 'rst') || has('rst', 'fin') || has('syn', 'fin');
}
