/** OFPT_PORT_MOD (OpenFlow 1.4, 7.3.4.3): changes how a port behaves. */

import { type Infer, structure } from '../wire/codec.ts';
import { i32, mac, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { portConfig } from './port.ts';
import { opticalPortFeatures, portFeatures } from './port-features.ts';
import { properties } from './properties.ts';
import { portNumber } from './reserved-numbers.ts';

/** No feature at all: what is advertised stays. */
const ethernet = structure('ofp_port_mod_prop_ethernet', struct({ advertise: portFeatures }, 'ethernet'));

const optical = structure(
  'ofp_port_mod_prop_optical',
  struct(
    {
      configure: opticalPortFeatures,
      /** The centre, in MHz or in nm * 100. */
      freqLmda: u32,
      flOffset: i32,
      gridSpan: u32,
      txPwr: u32,
    },
    'optical',
  ),
);

export const portMod = structure(
  'ofp_port_mod',
  struct(
    {
      portNo: portNumber,
      pad: padding(4),
      /** The port's own: a check, not a setting. */
      hwAddr: mac,
      pad2: padding(2),
      config: portConfig,
      /** Which bits of `config` count. */
      mask: portConfig,
      properties: properties({ ethernet: [0, ethernet], optical: [1, optical] }, 'ofp_port_mod_prop_experimenter'),
    },
    'portMod',
  ),
);
export type PortMod = Infer<typeof portMod>;
