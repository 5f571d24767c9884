/** What a flow that the switch learned says of a station: where it is, that it sends, or an address that it has. */

import { addressText, type LearnedFlow, type LearnedStation } from '../../src/index.ts';

/** undefined: it is about no station. */
export function stationOf(flow: LearnedFlow): LearnedStation | undefined {
  const segment = flow.matches('segment');
  if (segment === undefined) return undefined;
  const { ethSrc, ethDst, arpSpa, ipv6Src } = flow.match;
  if (typeof ethSrc === 'string') {
    const address = typeof arpSpa === 'string' ? arpSpa : ipv6Src;
    return { segment, mac: ethSrc, place: undefined, address: typeof address === 'string' ? address : undefined };
  }
  const port = flow.loads('outPort');
  if (typeof ethDst !== 'string' || port === undefined) return undefined;
  const peer = flow.loads('tunnelPeer');
  const place = { port, peer: peer === undefined ? undefined : addressText(peer) };
  return { segment, mac: ethDst, place, address: undefined };
}
