/**
 * Whatever others do to a switch, and whenever (between the parts of a dump, between a commit and its reply, while the
 * monitor is paused): in the end the mirror equals the switch, ours stand as desired, theirs stand as they left them,
 * and the monitor was never found to have kept silent.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import { isOurs } from '../../src/flow/cookie.ts';
import { flowContent, flowIdentity } from '../../src/flow/flow-bytes.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { flowAdd } from '../../src/flow/reconcile/messages.ts';
import { createDesiredSet, goto, OURS, tableFlow } from '../flow/reconcile/desired-set.ts';
import { createStubbornSwitch } from '../flow/reconcile/stubborn-switch.ts';

interface Foreign {
  what: 'add' | 'change' | 'delete' | 'pause' | 'resume';
  /** Up to 6 ours are desired; above, only others' flows stand. */
  port: number;
  /** With our cookie, as a confused tool would, or learned. */
  ours: boolean;
  to: number;
}

interface Own {
  what: 'set' | 'delete' | 'audit' | 'flush' | 'wait';
  port: number;
  to: number;
}

const foreign: fc.Arbitrary<Foreign> = fc.record({
  what: fc.constantFrom(...(['add', 'add', 'change', 'delete', 'delete', 'pause', 'resume'] as const)),
  port: fc.integer({ min: 1, max: 9 }),
  ours: fc.boolean(),
  to: fc.integer({ min: 5, max: 7 }),
});

const own: fc.Arbitrary<Own> = fc.record({
  what: fc.constantFrom(...(['set', 'set', 'delete', 'audit', 'flush', 'wait'] as const)),
  port: fc.integer({ min: 1, max: 6 }),
  to: fc.integer({ min: 5, max: 7 }),
});

/** The next of the script at some of the moments that there are. */
function interfering(script: Foreign[], gaps: number[]): { (): Foreign | undefined; isOver(): boolean } {
  let moment = 0;
  let next = 0;
  const take = () => {
    moment++;
    const gap = gaps[next % gaps.length] ?? 0;
    if (next >= script.length || moment <= gap) return undefined;
    moment = 0;
    return script[next++];
  };
  return Object.assign(take, { isOver: () => next >= script.length });
}

test('the mirror loses nothing and invents nothing', async () => {
  const scripts = fc.record({
    before: fc.array(foreign, { maxLength: 4 }),
    during: fc.array(foreign, { maxLength: 25 }),
    gaps: fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }),
    own: fc.array(own, { maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const wanted = createDesiredSet();
      for (const port of [1, 2, 3]) wanted.set(port, goto(5));
      const next = interfering(script.during, script.gaps);
      const theirs = new Map<string, string>();
      const stubborn = createStubbornSwitch(wanted.weave, {
        between() {
          const what = next();
          if (what !== undefined) interfere(what);
        },
      });
      function interfere({ what, port, ours, to }: Foreign): void {
        if (what === 'pause') stubborn.pause();
        if (what === 'resume') stubborn.resume();
        if (what === 'pause' || what === 'resume') return;
        // Where ours are desired, others use our cookie: what is foreign there we could not spare, for we would not know.
        const cookie = ours || port <= 6 ? OURS : 0x77n;
        const flow = tableFlow(port, goto(to), cookie);
        const identity = flowIdentity(flow);
        const mod: FlowMod = flowAdd(flow as never);
        if (what === 'add') stubborn.foreign(mod);
        else stubborn.foreign({ ...mod, command: what === 'change' ? 'modifyStrict' : 'deleteStrict', cookie: 0n });
        const standing = [...stubborn.table.flows.values()].find((each) => flowIdentity(each) === identity);
        if (standing === undefined || isOurs(MAIN, standing.cookie)) theirs.delete(identity);
        else theirs.set(identity, flowContent(standing));
      }
      for (const what of script.before) interfere(what);
      const { reconciler } = stubborn;
      void reconciler.begin();
      for (const { what, port, to } of script.own) {
        if (what === 'set') wanted.set(port, goto(to));
        else if (what === 'delete') wanted.delete(port);
        else if (what === 'audit') void reconciler.read();
        else if (what === 'wait') await reconciler.settled();
        if (what === 'flush') reconciler.flush();
        else reconciler.schedule();
      }
      // The rest of the script, then silence.
      while (!next.isOver()) {
        const what = next();
        if (what !== undefined) interfere(what);
        reconciler.schedule();
        await reconciler.settled();
      }
      stubborn.resume();
      const inSwitch = () =>
        Array.from(stubborn.table.flows.values(), (flow) => `${flowIdentity(flow)} ${flowContent(flow)}`).toSorted();
      const inMirror = () =>
        Array.from(reconciler.actual.values(), ({ identity, content }) => `${identity} ${content}`).toSorted();
      const shall = () =>
        [
          ...Array.from(wanted.flows.values(), ({ identity, content }) => `${identity} ${content}`),
          ...Array.from(theirs, ([identity, content]) => `${identity} ${content}`),
        ].toSorted();
      await expect.poll(inSwitch, { timeout: 20_000, interval: 5 }).toEqual(shall());
      await reconciler.settled();
      await expect.poll(inMirror, { timeout: 20_000, interval: 5 }).toEqual(inSwitch());
      const { audits } = reconciler.monitor;
      await reconciler.read();
      expect(reconciler.monitor.audits).toBe(audits + 1);
      expect(inMirror()).toEqual(inSwitch());
      expect(stubborn.untold).toEqual([]);
      expect(stubborn.failures).toEqual([]);
      stubborn.end();
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});
