/**
 * NXAST_SAMPLE, _SAMPLE2 and _SAMPLE3: a share of the packets goes to collectors of flow records (nicira-ext.h). Open
 * vSwitch sends the oldest that says all: the second with a port, the third with a direction.
 */

import { structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { u8, u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { shortPort } from './short-port.ts';

const common = {
  /** Of 65535 packets. */
  probability: u16,
  collectorSetId: u32,
  obsDomainId: u32,
  obsPointId: u32,
};

export const sample = structure('nx_action_sample', struct(common, 'sample'));

export const sample2 = structure(
  'nx_action_sample2',
  struct({ ...common, samplingPort: shortPort, pad: padding(6) }, 'sample2'),
);

export const sample3 = structure(
  'nx_action_sample2',
  struct(
    {
      ...common,
      samplingPort: shortPort,
      direction: enumeration(u8, { default: 0, ingress: 1, egress: 2 }),
      pad: padding(5),
    },
    'sample3',
  ),
);
