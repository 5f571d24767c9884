/** ofp_table_desc (OpenFlow 1.4, 7.3.5.5): how a table is configured. */

import { type Infer, structure } from '../wire/codec.ts';
import { u8 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tableConfig, tableProperties } from './table-property.ts';

export const tableDesc = structure(
  'ofp_table_desc',
  struct({ length: ownLength, tableId: u8, pad: padding(1), config: tableConfig, properties: tableProperties }),
);
export type TableDesc = Infer<typeof tableDesc>;
