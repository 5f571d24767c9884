/** OFPT_PACKET_OUT (OpenFlow 1.4, 7.3.7): a packet, and what the switch does with it. */

import type { Codec } from '../wire/codec.ts';
import { rest, u16, u32 } from '../wire/scalars.ts';
import { type Action, actions } from './action.ts';
import { type PortNumber, portNumber } from './ports.ts';

export interface PacketOut {
  type: 'packetOut';
  bufferId: number;
  inPort: PortNumber;
  actions: Action[];
  data: Uint8Array;
}

/** The length of the actions stands before six bytes of padding, so this is no plain structure. */
export const packetOut: Codec<PacketOut> = {
  encode(writer, value) {
    u32.encode(writer, value.bufferId);
    portNumber.encode(writer, value.inPort);
    const lengthAt = writer.position;
    writer.zeros(8);
    actions.encode(writer, value.actions);
    writer.patchU16(lengthAt, writer.position - lengthAt - 8);
    rest.encode(writer, value.data);
  },
  decode(reader) {
    const bufferId = u32.decode(reader);
    const inPort = portNumber.decode(reader);
    const length = u16.decode(reader);
    reader.take(6);
    const list = actions.decode(reader.sub(length));
    return { type: 'packetOut', bufferId, inPort, actions: list, data: reader.rest() };
  },
};
