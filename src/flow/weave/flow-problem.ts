/** What can be said of a flow before there is a switch: it is woven as if it stood somewhere, and thrown away. */

import type { AppFlow } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import { MAIN } from '../namespace.ts';
import type { Scope } from './compile.ts';
import { desiredFlow } from './desired.ts';

const SOMEWHERE = { app: { name: '', number: 0 }, tableId: 0, key: '' };

/** Whatever may be there is there; only fields are the same everywhere. */
const ANY: Scope = {
  table: () => 1,
  neededTable: () => 1,
  groupId: () => 1,
  meterId: () => 1,
  field(name) {
    throw new FlowError(`"${name}" is no field of OpenFlow or of the pipeline`);
  },
  zone: (zone) => zone,
  stateCookie: () => 0n,
};

/**
 * What is wrong with the flow wherever it stands: a field that there is not, or that lacks what it needs beside it, a value
 * that does not fit. undefined: nothing, but a switch may still refuse it. Fields that apps declare are not known here.
 */
export function flowProblem(flow: Pick<AppFlow, 'match' | 'actions'>): string | undefined {
  try {
    desiredFlow(MAIN, SOMEWHERE, { ...flow, priority: 1, intent: '' }, ANY);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
}
