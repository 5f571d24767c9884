/** A neighbour solicitation (RFC 4861 4.3): who has this IPv6 address, or has it still. */

import { ipv6Bytes, ipv6Text, macText } from '../../proto/wire/address.ts';
import { buildPacket } from './build.ts';
import { linkLayerOption, ND_OPTION, ND_TYPE } from './neighbor-discovery.ts';

export interface Solicitation {
  /** Of who asks. */
  mac: string;
  src: string;
  target: string;
  /** The MAC that the target had: only it is asked. */
  lastMac?: string | undefined;
  vlan?: number | undefined;
}

/** A whole frame; without `lastMac` to the group that the target listens to. */
export function buildSolicitation({ mac, src, target, lastMac, vlan }: Solicitation): Uint8Array {
  const group = solicitedNode(target);
  return buildPacket({
    eth: { src: mac, dst: lastMac ?? group.mac },
    ...(vlan !== undefined && { vlans: [{ vid: vlan }] }),
    ipv6: { src, dst: lastMac === undefined ? group.address : target },
    icmpv6: {
      type: ND_TYPE.neighborSolicitation,
      nd: { target, options: [linkLayerOption(ND_OPTION.sourceLinkLayer, mac)] },
    },
  });
}

/** The solicited-node group of an address, and its MAC address (RFC 4291 2.7.1, RFC 2464 7). */
function solicitedNode(target: string): { address: string; mac: string } {
  const last = (ipv6Bytes(target) ?? new Uint8Array(16)).subarray(13);
  const group = new Uint8Array(16);
  group.set([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...last]);
  return { address: ipv6Text(group), mac: macText(Uint8Array.of(0x33, 0x33, 0xff, ...last)) };
}
