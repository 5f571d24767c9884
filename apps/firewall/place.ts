/** Where the flows of a rule stand, and what they are called. */

import type { AppFlow, Intent } from '../../src/index.ts';

export type Flows = [key: string, flow: AppFlow][];

/** Of a rule or policy on one router. */
export interface Place {
  key: string;
  priority: number;
  /** Its number in ct_label, and of its conjunctions. */
  id: number;
  /** Of `firewall.past`, where it has a condition. */
  bit: number | undefined;
  intent: Intent;
}
