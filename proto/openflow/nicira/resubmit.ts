/**
 * NXAST_RESUBMIT, _TABLE and _TABLE_CT: look the packet up again and come back (nicira-ext.h). Open vSwitch encodes
 * `resubmit:PORT` as NXAST_RESUBMIT_TABLE with table 255.
 */

import { structure } from '../../wire/codec.ts';
import { u8 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { shortPort } from './short-port.ts';

/** In the same table, as if the packet had come in at the port. */
export const resubmit = structure('nx_action_resubmit', struct({ inPort: shortPort, pad: padding(4) }, 'resubmit'));

const inTable = {
  /** `inPort` keeps the packet's own. */
  inPort: shortPort,
  /** 255: the current table. */
  table: u8,
  pad: padding(3),
};

export const resubmitTable = structure('nx_action_resubmit', struct(inTable, 'resubmitTable'));

/** With the addresses and ports that conntrack saw first. */
export const resubmitTableCt = structure('nx_action_resubmit', struct(inTable, 'resubmitTableCt'));
