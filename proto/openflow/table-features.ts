/**
 * Table features (OpenFlow 1.4, 7.3.5.6): what the flows of a table may match and do. Each property has a twin, `…Miss`,
 * for the flow that a packet hits when none matches; a switch leaves the twin out where both are the same.
 */

import { type Infer, structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { text, u8, u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { oxmId } from './oxm-id.ts';
import { experimenterProperty } from './properties.ts';
import { actionId, instructionId } from './table-feature-ids.ts';
import { tableConfig } from './table-property.ts';

function instructions<const T extends string>(type: T) {
  return structure('ofp_table_feature_prop_instructions', struct({ instructionIds: list(instructionId) }, type));
}

function tables<const T extends string>(type: T) {
  return structure('ofp_table_feature_prop_tables', struct({ tableIds: list(u8) }, type));
}

function actions<const T extends string>(type: T) {
  return structure('ofp_table_feature_prop_actions', struct({ actionIds: list(actionId) }, type));
}

function fields<const T extends string>(type: T) {
  return structure('ofp_table_feature_prop_oxm', struct({ oxmIds: list(oxmId) }, type));
}

function experimenter<const T extends string>(type: T) {
  return experimenterProperty('ofp_table_feature_prop_experimenter', type);
}

const property = structure(
  'ofp_table_feature_prop_header',
  tagged(
    {
      instructions: [0, instructions('instructions')],
      instructionsMiss: [1, instructions('instructionsMiss')],
      nextTables: [2, tables('nextTables')],
      nextTablesMiss: [3, tables('nextTablesMiss')],
      writeActions: [4, actions('writeActions')],
      writeActionsMiss: [5, actions('writeActionsMiss')],
      applyActions: [6, actions('applyActions')],
      applyActionsMiss: [7, actions('applyActionsMiss')],
      /** Fields that a flow may match, and those of them that it need not. */
      match: [8, fields('match')],
      wildcards: [10, fields('wildcards')],
      writeSetfield: [12, fields('writeSetfield')],
      writeSetfieldMiss: [13, fields('writeSetfieldMiss')],
      applySetfield: [14, fields('applySetfield')],
      applySetfieldMiss: [15, fields('applySetfieldMiss')],
      /** Tables whose flows the switch copies into this one. */
      tableSyncFrom: [16, tables('tableSyncFrom')],
      experimenter: [0xfffe, experimenter('experimenter')],
      experimenterMiss: [0xffff, experimenter('experimenterMiss')],
    },
    { padding: 'excluded' },
  ),
);
export type TableFeatureProperty = Infer<typeof property>;

/** One table; a request with some asks the switch to make its tables so, one without asks what they are. */
export const tableFeatures = structure(
  'ofp_table_features',
  struct({
    length: ownLength,
    tableId: u8,
    pad: padding(5),
    name: text(32),
    /** Bits of metadata that a flow may match and write. */
    metadataMatch: u64,
    metadataWrite: u64,
    capabilities: tableConfig,
    maxEntries: u32,
    properties: list(property),
  }),
);
export type TableFeatures = Infer<typeof tableFeatures>;
