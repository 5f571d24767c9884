/** A controller's role towards a switch (OpenFlow 1.4, 7.3.8): OFPT_ROLE_REQUEST, its reply, and OFPT_ROLE_STATUS (7.4.4). */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { u8, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { properties } from './properties.ts';
import { ROLE_REASONS } from './reasons.ts';

const role = enumeration(u32, { noChange: 0, equal: 1, master: 2, slave: 3 });
export type Role = Infer<typeof role>;

/** `generationId` rises with every election of a master: a switch refuses what is older. */
const request = { role, pad: padding(4), generationId: u64 } as const;

export const roleRequest = structure('ofp_role_request', struct(request, 'roleRequest'));
export const roleReply = structure('ofp_role_request', struct(request, 'roleReply'));

/** The switch changed the role by itself. */
export const roleStatus = structure(
  'ofp_role_status',
  struct(
    {
      role,
      reason: enumeration(u8, ROLE_REASONS),
      pad: padding(3),
      generationId: u64,
      properties: properties({}, 'ofp_role_prop_experimenter'),
    },
    'roleStatus',
  ),
);
export type RoleStatus = Infer<typeof roleStatus>;
