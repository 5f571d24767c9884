/** A packet-in as a handler gets it, without a switch. */

import { encodeMessage } from '../../proto/openflow/message.ts';
import { createPacketInPlace, locatePacketIn } from '../../proto/openflow/packet-in-place.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { PacketInEvent } from '../../src/app/context.ts';
import { PacketInView } from '../../src/app/packet-in-view.ts';
import { createConnection } from '../../src/openflow/connection.ts';
import { createPeer } from '../openflow/peer.ts';

const unused = () => undefined;

export function packetOf(data: Uint8Array, inPort = 1, table = 'main'): PacketInEvent {
  const connection = createConnection(createPeer().ours, 'peer', { message: unused, error: unused, close: unused });
  const view = new PacketInView(connection, () => table);
  const place = createPacketInPlace();
  const bytes = encodeMessage({
    type: 'packetIn',
    bufferId: NO_BUFFER,
    totalLen: data.length,
    reason: 'applyAction',
    tableId: 0,
    cookie: 0n,
    match: { inPort },
    data,
    xid: 0,
  }).slice();
  locatePacketIn(place, bytes, 0, bytes.length);
  view.show(place);
  return view;
}
