/** A table that an app declares: where in the pipeline it stands, and who writes it. */

import type { Stage } from '../flow/stages.ts';

export interface TableSpec {
  /** Where in the pipeline the table stands. */
  stage: Stage;
  /** Written by the switch's own `learn` alone: what stands there is state, found out by the switch and kept by it. */
  learned?: true;
  /** No packet goes on to it by itself: it is only looked up, by `resubmit`, and what it does not match is as it was. */
  aside?: true;
}
