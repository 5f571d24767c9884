/** A packet-in as a handler gets it, without a switch. */

import { encodeMessage } from '../../proto/openflow/message.ts';
import { createPacketInPlace, locatePacketIn } from '../../proto/openflow/packet-in-place.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { PacketInEvent } from '../../src/app/handlers.ts';
import { PacketInView } from '../../src/app/packet-in-view.ts';
import { createPacketSender } from '../../src/app/packet-sender.ts';

const unused = () => undefined;
const nowhere = { begin: unused, wrote: unused, nextXid: () => 1 };

export function packetOf(data: Uint8Array, inPort = 1, table = 'main'): PacketInEvent {
  const view = new PacketInView(createPacketSender(nowhere, { sent: unused, full: false }), () => table);
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
