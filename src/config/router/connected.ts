/** The prefixes that a router is connected to. */

import { type IpPrefix, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { RouterInterface, Segment } from '../model.ts';

export interface ConnectedPrefix {
  interface: string;
  prefix: IpPrefix;
}

/** Of an interface that follows its address: all that this may come to lie in. */
export function connectedPrefixes(
  interfaces: readonly RouterInterface[],
  segments: readonly Segment[],
): ConnectedPrefix[] {
  return interfaces.flatMap(({ name, addresses, follow, segment }) => {
    const subnets = segments.find((each) => each.name === segment)?.subnets ?? [];
    const prefixes = follow ? subnets : addresses;
    return prefixes.map((text) => ({ interface: name, prefix: parseIpPrefix(text)! }));
  });
}
