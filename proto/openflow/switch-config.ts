/** Features and switch configuration (OpenFlow 1.4, 7.3.1 and 7.3.2). */

import { structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u8, u16, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';

export const featuresRequest = struct({}, 'featuresRequest');

export const featuresReply = structure(
  'ofp_switch_features',
  struct(
    {
      datapathId: u64,
      nBuffers: u32,
      nTables: u8,
      auxiliaryId: u8,
      pad: padding(2),
      capabilities: flags(u32, {
        flowStats: 1,
        tableStats: 2,
        portStats: 4,
        groupStats: 8,
        ipReasm: 32,
        queueStats: 64,
        portBlocked: 256,
        /** OpenFlow 1.5's, which Open vSwitch sends over 1.4 too. */
        bundles: 512,
        flowMonitoring: 1024,
      }),
      reserved: u32,
    },
    'featuresReply',
  ),
);

const config = {
  flags: enumeration(u16, { normal: 0, drop: 1, reassemble: 2 }),
  /** How much of a packet a table miss sends to the controller. */
  missSendLen: u16,
} as const;

export const getConfigRequest = struct({}, 'getConfigRequest');
export const getConfigReply = structure('ofp_switch_config', struct(config, 'getConfigReply'));
export const setConfig = structure('ofp_switch_config', struct(config, 'setConfig'));
