/** The forms of the firewall: zones, policies and rules. */

import { z } from 'zod';
import * as value from '../schema-values.ts';

const action = value.word(['accept', 'drop'], ['reject']);
const side = (what: string) => z.string(value.expected(what, 'write a zone, like loc or loc:10.66.66.67'));

export const policyForm = z.strictObject({
  from: value.name.describe('A zone, `fw` (the router itself) or `all`.'),
  to: value.name.describe('A zone, `fw` or `all`.'),
  action: action.describe('What happens to what no rule decides.'),
});

export const ruleForm = z.strictObject({
  action: action.describe('What happens.'),
  service: z
    .string(value.expected('a service', 'write a name like ssh, `tcp 8800`, or all'))
    .describe('A name (`ssh`, `http`, `ping`, …), `tcp PORT`, `udp PORT`, or `all`.'),
  from: side('a zone').describe('`ZONE` or `ZONE:ADDRESS` or `ZONE:PREFIX`; `fw`, `all`.'),
  to: side('a zone').describe('As `from`.'),
});

export const firewallForm = z
  .strictObject(
    {
      zones: z
        .record(
          value.name,
          z.array(value.routerInterface, value.expected('a list of interfaces', 'write it like [edge/loc]')),
          value.map('zones like `loc: [edge/loc]`'),
        )
        .describe('Zones by name, each a list of `ROUTER/INTERFACE`.'),
      policy: z
        .array(
          z.union([value.shortForm('loc to net accept'), policyForm]),
          value.expected('a list', 'write `- loc to net accept`'),
        )
        .nullish()
        .describe('`ZONE to ZONE ACTION`, the first that applies decides; what none decides is dropped.'),
      rules: z
        .array(
          z.union([value.shortForm('accept ssh from net to fw'), ruleForm]),
          value.expected('a list', 'write `- accept ssh from net to fw`'),
        )
        .nullish()
        .describe('`ACTION SERVICE from ZONE[:ADDRESS] to ZONE[:ADDRESS]`, before the policy, in order.'),
    },
    value.map('`zones:`, `policy:` and `rules:`'),
  )
  .nullish();
