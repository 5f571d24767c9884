/** Ports (OpenFlow 1.4, 7.2.1): description with properties, and OFPT_PORT_STATUS (7.4.3). */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { mac, text, u8, u16, u32 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { opticalPortFeatures, portFeatures } from './port-features.ts';
import { properties } from './properties.ts';
import { PORT_REASONS } from './reasons.ts';
import { portNumber } from './reserved-numbers.ts';

export const portConfig = flags(u32, { portDown: 1, noRecv: 4, noFwd: 32, noPacketIn: 64 });

const ethernet = structure(
  'ofp_port_desc_prop_ethernet',
  struct(
    {
      pad: padding(4),
      current: portFeatures,
      advertised: portFeatures,
      supported: portFeatures,
      peer: portFeatures,
      /** Speeds in kbit/s. */
      currentSpeed: u32,
      maxSpeed: u32,
    },
    'ethernet',
  ),
);

const optical = structure(
  'ofp_port_desc_prop_optical',
  struct(
    {
      pad: padding(4),
      supported: opticalPortFeatures,
      /** Frequencies in MHz or wavelengths in nm * 100: the range, and the spacing in it. */
      txMinFreqLmda: u32,
      txMaxFreqLmda: u32,
      txGridFreqLmda: u32,
      rxMinFreqLmda: u32,
      rxMaxFreqLmda: u32,
      rxGridFreqLmda: u32,
      /** In dBm * 10. */
      txPwrMin: u16,
      txPwrMax: u16,
    },
    'optical',
  ),
);

export const port = structure(
  'ofp_port',
  struct({
    portNo: portNumber,
    length: ownLength,
    pad: padding(2),
    hwAddr: mac,
    pad2: padding(2),
    name: text(16),
    config: portConfig,
    state: flags(u32, { linkDown: 1, blocked: 2, live: 4 }),
    properties: properties({ ethernet: [0, ethernet], optical: [1, optical] }, 'ofp_port_desc_prop_experimenter'),
  }),
);
export type Port = Infer<typeof port>;

export const portStatus = structure(
  'ofp_port_status',
  struct({ reason: enumeration(u8, PORT_REASONS), pad: padding(7), desc: port }, 'portStatus'),
);
export type PortStatus = Infer<typeof portStatus>;
