/** Why a plan was not carried out, in the words of the file. Pure. */
import { TransactionError } from '../client/client.ts';
import { formatOrigin, type Plan } from './plan-builder.ts';

/** An error of a transaction with the line of the file that it comes from. */
export function describeFailure(error: unknown, plan: Plan): string {
  if (!(error instanceof TransactionError)) return error instanceof Error ? error.message : String(error);
  const { index, details } = error.failure;
  const named = /"([^"]+)"/g;
  const origin =
    index === undefined
      ? [...details.matchAll(named)]
          .map(([, name]) => plan.origins.find((item) => item?.name === name))
          .find((item) => item !== undefined)
      : plan.origins[index];
  const subject = origin === undefined ? 'a transaction' : `"${formatOrigin(origin)}"`;
  return `Open vSwitch refused ${subject}, so nothing was changed: ${error.message}`;
}
