/** A neighbour solicitation (RFC 4861 4.3): a guest asks who has an IPv6 address. */

import { ipv6Bytes, ipv6Text, macText } from '../../proto/wire/address.ts';
import { buildPacket } from '../packet/build.ts';
import { linkLayerOption, ND_OPTION, ND_TYPE } from '../packet/neighbor-discovery.ts';
import type { Guest } from './guest.ts';

export function neighborSolicitation({ mac, ip6, vlan }: Guest, target: string): Uint8Array {
  const last = (ipv6Bytes(target) ?? new Uint8Array(16)).subarray(13);
  // The solicited-node group of the target, and its MAC address (RFC 4291 2.7.1, RFC 2464 7).
  const group = new Uint8Array(16);
  group.set([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...last]);
  const dst = macText(Uint8Array.of(0x33, 0x33, 0xff, ...last));
  return buildPacket({
    eth: { src: mac, dst },
    ...(vlan !== undefined && { vlans: [{ vid: vlan }] }),
    ipv6: { src: ip6 ?? '::', dst: ipv6Text(group) },
    icmpv6: {
      type: ND_TYPE.neighborSolicitation,
      nd: { target, options: [linkLayerOption(ND_OPTION.sourceLinkLayer, mac)] },
    },
  });
}
