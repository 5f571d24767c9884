/** An unsolicited neighbour advertisement (RFC 4861 7.2.6): who has this IPv6 address, now by this MAC. */

import { buildPacket } from './build.ts';
import { linkLayerOption, ND_OPTION, ND_TYPE } from './neighbor-discovery.ts';

const ALL_NODES = { mac: '33:33:00:00:00:01', address: 'ff02::1' };

/** A whole frame, to all on the link; from a router. */
export function buildAdvertisement(mac: string, address: string): Uint8Array {
  const options = [linkLayerOption(ND_OPTION.targetLinkLayer, mac)];
  return buildPacket({
    eth: { src: mac, dst: ALL_NODES.mac },
    ipv6: { src: address, dst: ALL_NODES.address },
    icmpv6: {
      type: ND_TYPE.neighborAdvertisement,
      nd: { target: address, router: true, solicited: false, override: true, options },
    },
  });
}
