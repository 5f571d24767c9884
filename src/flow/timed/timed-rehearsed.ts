/** Flows with a timeout in a rehearsal: they are looked at, and go nowhere. */

import { FlowError } from '../flow-error.ts';
import type { Weaver } from '../weave/weaver.ts';
import { slotsOf } from './template.ts';
import type { TimedFlows } from './timed.ts';

export function rehearsedTimed(weaver: Weaver): Pick<TimedFlows, 'set' | 'delete' | 'keys' | 'template' | 'standing'> {
  return {
    set: (app, table) => void weaver.hold(app, table),
    delete: () => undefined,
    keys: () => [],
    template(app, table, spec) {
      const slots = slotsOf(spec);
      weaver.hold(app, table);
      return {
        set: () => true,
        delete: () => undefined,
        deleteWhere(slot) {
          if (slots[slot] === undefined) throw new FlowError(`slot(${slot}) is none of the template's`);
        },
        standing: () => [],
        size: 0,
      };
    },
    standing: () => [],
  };
}
