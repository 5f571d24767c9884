/** OFPT_TABLE_MOD (OpenFlow 1.4, 7.3.3) configures a table; OFPT_TABLE_STATUS (7.4.5) says that it fills or empties. */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { u8 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { TABLE_REASONS } from './reasons.ts';
import { tableNumber } from './reserved-numbers.ts';
import { tableDesc } from './table-desc.ts';
import { tableConfig, tableProperties } from './table-property.ts';

export const tableMod = structure(
  'ofp_table_mod',
  struct({ tableId: tableNumber, pad: padding(3), config: tableConfig, properties: tableProperties }, 'tableMod'),
);
export type TableMod = Infer<typeof tableMod>;

export const tableStatus = structure(
  'ofp_table_status',
  struct({ reason: enumeration(u8, TABLE_REASONS), pad: padding(7), table: tableDesc }, 'tableStatus'),
);
export type TableStatus = Infer<typeof tableStatus>;
