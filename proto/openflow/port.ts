/** Ports (OpenFlow 1.4, 7.2.1): description with properties, and OFPT_PORT_STATUS (7.4.3). */

import type { Codec, Infer } from '../wire/codec.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { list } from '../wire/list.ts';
import { mac, padding, rest, text, u8, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { portNumber } from './ports.ts';

const property = tagged(
  {
    ethernet: [
      0,
      struct(
        {
          pad: padding(4),
          /** Bit maps of ofp_port_features; speeds in kbit/s. */
          current: u32,
          advertised: u32,
          supported: u32,
          peer: u32,
          currentSpeed: u32,
          maxSpeed: u32,
        },
        'ethernet',
      ),
    ],
    experimenter: [0xffff, struct({ experimenter: u32, body: rest }, 'experimenter')],
  },
  { padding: 'excluded' },
);

const head = struct({
  pad2: padding(2),
  hwAddr: mac,
  pad3: padding(2),
  name: text(16),
  config: flags(u32, { portDown: 1, noRecv: 4, noFwd: 32, noPacketIn: 64 }),
  state: flags(u32, { linkDown: 1, blocked: 2, live: 4 }),
  properties: list(property),
});

export type Port = { portNo: Infer<typeof portNumber> } & Infer<typeof head>;

/** The length stands after the port number. */
export const port: Codec<Port> = {
  encode(writer, value) {
    const start = writer.position;
    portNumber.encode(writer, value.portNo);
    writer.u16(0);
    head.encode(writer, value);
    writer.patchU16(start + 4, writer.position - start);
  },
  decode(reader) {
    const start = reader.position;
    const portNo = portNumber.decode(reader);
    const length = reader.u16();
    if (length < 40) throw new DecodeError(`a port of ${length} bytes is shorter than its head`, start + 4, 'length');
    return { portNo, ...head.decode(reader.sub(length - 6)) };
  },
};

export const portStatus = struct(
  { reason: enumeration(u8, { add: 0, delete: 1, modify: 2 }), pad: padding(7), desc: port },
  'portStatus',
);
export type PortStatus = Infer<typeof portStatus>;
