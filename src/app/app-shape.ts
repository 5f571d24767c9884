/** Whether an object that a file exports has the shape of an app: what the compiler says of TypeScript, said of all. */

import { z } from 'zod';
import { STAGES } from '../flow/stages.ts';

const aFunction = z.custom((value) => typeof value === 'function', 'write a function');
/** Of whichever copy of zod the app has. */
const aSchema = z.custom(
  (value) => typeof (value as { safeParse?: unknown } | null)?.safeParse === 'function',
  'write a schema of zod, such as z.strictObject({ … })',
);
const STAGE_NAMES = Object.keys(STAGES);

const SHAPE = z.object({
  config: aSchema.optional(),
  check: aFunction.optional(),
  tables: z
    .record(
      z.string(),
      z.object({ stage: z.enum(STAGE_NAMES), learned: z.literal(true).optional(), aside: z.literal(true).optional() }),
    )
    .optional(),
  fields: z
    .record(z.string(), z.object({ bits: z.int(), in: z.enum(['ctMark', 'ctLabel']).optional(), text: z.string() }))
    .optional(),
  uses: z.array(z.string('write the full name as text, like router.resolve')).optional(),
  offers: z.array(z.object({ name: z.string() }, 'write what defineService gives')).optional(),
  counters: z.record(z.string(), z.string('write what it counts, for people')).optional(),
  station: aFunction.optional(),
  attach: aFunction.optional(),
  setup: aFunction.optional(),
});

/** Of the first mistake, where it is and what to do; undefined: there is none. */
export function wrongShape(definition: object): { where: string; fix: string } | undefined {
  const issue = SHAPE.safeParse(definition).error?.issues[0];
  return issue && { where: issue.path.join('.'), fix: issue.message };
}
