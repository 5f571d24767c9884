/** A switch's part of the handshake behind the hello: features, description, ports. */

import type { Message } from '../../proto/openflow/message.ts';
import type { Peer } from './peer.ts';

export const port = (portNo: number, name: string) => ({
  portNo,
  hwAddr: '02:00:00:00:00:01',
  name,
  config: [],
  state: [],
  properties: [],
});

/** Answers as a switch does until it is known; a second port comes while the list of ports is under way. */
export async function introduce(peer: Pick<Peer, 'next' | 'send'>): Promise<void> {
  const features = await peer.next('featuresRequest');
  peer.send({
    type: 'featuresReply',
    datapathId: 0xabn,
    nBuffers: 0,
    nTables: 254,
    auxiliaryId: 0,
    capabilities: [],
    reserved: 0,
    xid: features.xid,
  });
  const desc = await peer.next('multipartRequest');
  const ports = await peer.next('multipartRequest');
  const description = { mfrDesc: 'x', hwDesc: 'Open vSwitch', swDesc: '3.1.0', serialNum: '', dpDesc: '' };
  const answer = (kind: string, reply: unknown, xid: number) =>
    peer.send({ type: 'multipartReply', flags: [], kind, reply, xid } as unknown as Message);
  answer('desc', description, desc.xid);
  peer.send({ type: 'portStatus', reason: 'add', desc: port(2, 'p2'), xid: 0 } as unknown as Message);
  answer('portDesc', [port(1, 'p1')], ports.xid);
}
