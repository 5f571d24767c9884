/** The forms of what is passed on to Open vSwitch's database in its own words (ovs-vswitchd.conf.db(5)). */

import { z } from 'zod';
import * as value from './schema-values.ts';

const scalar = z.union(
  [z.string(), z.number(), z.boolean()],
  value.expected('a text', 'write a text, number or true/false'),
);

/** A map column such as `other_config`: every value is passed on as a text. */
export function textMap(example: string) {
  return z.record(z.string(), scalar, value.expected('a map', `write keys like ${example}`)).nullish();
}

/** Columns of one row; `database-values.ts` holds them against the schema. */
export function columnsForm(table: string, example: string) {
  return z
    .record(z.string(), z.unknown(), value.expected('a map', `write columns of the table ${table}, like ${example}`))
    .nullish();
}

const milliseconds = (what: string, minimum: number) => value.number(what, minimum, 3_600_000);

/** What a controller may have and a manager may not. */
export const packetInLimits = {
  rateLimit: value.number('packets per second', 100, 2_147_483_647).optional().describe('Packet-ins per second.'),
  burstLimit: value.number('packets', 25, 2_147_483_647).optional().describe('Packet-ins kept for later.'),
};

/** A row of the table Controller or Manager. */
export function remoteForm<Limits extends Partial<typeof packetInLimits>>(
  what: string,
  example: string,
  limits: Limits,
) {
  const target = value.remote(what, example);
  return z.union(
    [
      target,
      z.strictObject(
        {
          target: target.describe('Where it is, as Open vSwitch writes it.'),
          connectionMode: value
            .word(['in-band', 'out-of-band'])
            .optional()
            .describe('Whether the connection runs through the bridges themselves.'),
          maxBackoff: milliseconds('milliseconds', 1000).optional().describe('Longest pause between attempts, in ms.'),
          inactivityProbe: milliseconds('milliseconds', 0)
            .optional()
            .describe('Silence after which the peer is probed, in ms; 0: never.'),
          ...limits,
          otherConfig: textMap('`dscp: 48`').describe('Passed through to its other_config.'),
        },
        value.expected('a map', `write ${example} or { target: ${example} }`),
      ),
    ],
    value.expected(what, `write ${example} or { target: ${example} }`),
  );
}
