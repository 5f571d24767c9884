/** Tables of apps that come, change and go: nobody else's move, and no app stands between those of another. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTablePlan } from '../../src/flow/allocate/table-plan.ts';
import { FlowError } from '../../src/flow/flow-error.ts';
import { STAGES, type Stage } from '../../src/flow/stages.ts';

type Tables = Record<string, { stage: Stage }>;

const stage = fc.constantFrom<Stage>('classify', 'firewall', 'switching', 'miss');
const tables: fc.Arbitrary<Tables> = fc
  .array(stage, { maxLength: 6 })
  .map((stages) => Object.fromEntries(stages.map((each, index) => [`t${index}`, { stage: each }])));
const step = fc.record({ app: fc.constantFrom(...'abcdefgh'), tables: fc.option(tables, { nil: undefined }) });

test('an app that comes, changes or goes moves no other, and stands between the tables of none', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const plan = createTablePlan();
      const loaded = new Map<string, Tables>();
      for (const { app, tables: wanted } of steps) {
        const others = [...plan.owners].filter(([, owner]) => owner.app !== app);
        const before = [...plan.owners];
        const restore = plan.keep();
        plan.release(app);
        try {
          if (wanted !== undefined) plan.allocate(app, wanted);
          loaded.delete(app);
          if (wanted !== undefined) loaded.set(app, wanted);
          expect([...plan.owners].filter(([, owner]) => owner.app !== app)).toEqual(others);
        } catch (error) {
          if (!(error instanceof FlowError)) throw error;
          refused++;
          restore();
          expect([...plan.owners]).toEqual(before);
        }
        for (const [name, declared] of loaded) expectOwnPlaces(plan.owners, name, declared);
      }
    }),
  );
  expect(refused).toBeGreaterThan(0);
});

function expectOwnPlaces(owners: ReturnType<typeof createTablePlan>['owners'], app: string, declared: Tables): void {
  for (const [name, names] of Map.groupBy(Object.keys(declared), (table) => declared[table]!.stage)) {
    const own = [...owners.values()].filter((owner) => owner.app === app && owner.stage === name);
    const ids = names.map((table) => own.find((owner) => owner.table === table)!.id);
    expect(own).toHaveLength(names.length);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const [first, last] = STAGES[name];
    expect(ids[0]).toBeGreaterThanOrEqual(first);
    expect(ids.at(-1)).toBeLessThanOrEqual(last);
    const between = [...owners].filter(([id, owner]) => owner.app !== app && id > ids[0]! && id < ids.at(-1)!);
    expect(between).toEqual([]);
  }
}
