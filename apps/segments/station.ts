/** What a flow that the switch learned says of a station: where it is, or that it sends. */

import { addressText, type LearnedFlow, type LearnedStation } from '../../src/index.ts';

/** undefined: it is about no station. */
export function stationOf(flow: LearnedFlow): LearnedStation | undefined {
  const segment = flow.matches('segment');
  if (segment === undefined) return undefined;
  const { ethSrc, ethDst } = flow.match;
  if (typeof ethSrc === 'string') return { segment, mac: ethSrc, place: undefined };
  const port = flow.loads('outPort');
  if (typeof ethDst !== 'string' || port === undefined) return undefined;
  const peer = flow.loads('tunnelPeer');
  return { segment, mac: ethDst, place: { port, peer: peer === undefined ? undefined : addressText(peer) } };
}
