/** The forms of the firewall: zones, sets, services, policies and rules. */

import { z } from 'zod';
import * as value from '../schema-values.ts';
import { LIMIT_FORM } from './limits.ts';
import { LOG_FORM, LOG_LEVELS } from './logging.ts';

const action = value.word(['accept', 'drop', 'reject']);
const side = (what: string) => z.string(value.expected(what, 'write a zone, like loc or loc:10.66.66.67'));

const limit = z
  .string(value.expected('a limit', 'write it like 3/min burst 5'))
  .optional()
  .describe(`\`${LIMIT_FORM}\`.`);

const logForm = z.strictObject(
  {
    level: value.word(LOG_LEVELS).default('info').describe('How it is told.'),
    prefix: z.string(value.expected('a text', 'write it in quotes')).optional().describe('Stands before each line.'),
    limit: z
      .string(value.expected('a limit', 'write it like 1/min burst 2'))
      .default('10/s burst 20')
      .describe('What is told at the most; the rest is counted.'),
  },
  value.expected('true, a text or a map', 'write it like `log: info`'),
);

const log = z
  .union([z.boolean(), value.shortForm('log: notice prefix "stray"'), logForm])
  .optional()
  .describe(`\`${LOG_FORM}\`; \`true\` is \`info\`.`);

export const policyForm = z.strictObject({
  from: value.name.describe('A zone, `fw` (the router itself) or `all`.'),
  to: value.name.describe('A zone, `fw` or `all`.'),
  action: action.describe('What happens to what no rule decides.'),
  limit,
  log,
});

const oneService = z.string(value.expected('a service', 'write a name like ssh, `tcp 8800`, or all'));

export const ruleForm = z.strictObject({
  action: action.describe('What happens.'),
  service: z
    .union([oneService, z.array(oneService).min(1, value.expected('a service', 'write a name like ssh'))])
    .describe(
      'A name (`ssh`, `http,https`, one of `services`), `tcp PORTS`, `icmp TYPE`, a protocol, or `all`; with `source PORTS` only what comes from these.',
    ),
  from: side('a zone').describe(
    '`ZONE`, or `ZONE:` and addresses, ranges, prefixes and `@SET`s, with commas; after `!` those that are not meant; `fw`, `all`.',
  ),
  to: side('a zone').describe('As `from`.'),
  over: value
    .number('a number of bytes', 20, 65_535)
    .optional()
    .describe('Only packets of more bytes, their IP header included.'),
  limit,
  log,
});

export const firewallForm = z
  .strictObject(
    {
      zones: z
        .record(
          value.name,
          z.array(value.zoneMember, value.expected('a list of members', 'write it like [edge/loc]')),
          value.map('zones like `loc: [edge/loc]`'),
        )
        .describe(
          'Zones by name, each a list: `ROUTER/INTERFACE` for what is routed; `HOST/PORT` and `segment NAME` (all its ports) for what ports of one segment send each other.',
        ),
      services: z
        .record(
          value.name,
          z.union([oneService, z.array(oneService, value.expected('a list', 'write it like [tcp 25565]'))]),
          value.map('services like `minecraft: [tcp 25565]`'),
        )
        .nullish()
        .describe('Services of your own by name: `[udp 27000-27050, tcp 27015]`.'),
      sets: z
        .record(
          value.name,
          z
            .array(z.string(), value.expected('a list of addresses', 'write it like [10.66.66.8, 10.77.0.0/24]'))
            .nullable(),
          value.map('sets like `admins: [10.66.66.8]`'),
        )
        .nullish()
        .describe('Addresses, ranges and prefixes by name, for `ZONE:@SET` in rules.'),
      policy: z
        .array(
          z.union([value.shortForm('loc to net accept'), policyForm]),
          value.expected('a list', 'write `- loc to net accept`'),
        )
        .nullish()
        .describe(
          '`ZONE to ZONE ACTION [limit …] [log …]`, the first that applies decides; what none decides is dropped.',
        ),
      rules: z
        .array(
          z.union([value.shortForm('accept ssh from net to fw'), ruleForm]),
          value.expected('a list', 'write `- accept ssh from net to fw`'),
        )
        .nullish()
        .describe(
          '`ACTION SERVICE from ZONE[:ADDRESS] to ZONE[:ADDRESS] [over N bytes] [limit …] [log …]`, before the policy, in order.',
        ),
    },
    value.map('`zones:`, `policy:` and `rules:`'),
  )
  .nullish();
