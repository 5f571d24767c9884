/** Weaving what changed gives what weaving everything anew gives, and says of each flow that differs that it may. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actions, drop, goto, group, next, output, resubmit } from '../../src/flow/actions.ts';
import { createTablePlan } from '../../src/flow/allocate/table-plan.ts';
import type { AppAction, AppFlow } from '../../src/flow/flow.ts';
import { createWeaver, type Weaver, type WeaverApp, type Woven } from '../../src/flow/weave/weaver.ts';

const plan = createTablePlan();
const apps: WeaverApp[] = [
  { name: 'a', number: 1, tables: plan.allocate('a', { admit: { stage: 'admit' }, flood: { stage: 'flood' } }) },
  {
    name: 'b',
    number: 2,
    tables: plan.allocate('b', { first: { stage: 'switching' }, second: { stage: 'switching' } }),
  },
  { name: 'c', number: 3, tables: plan.allocate('c', { out: { stage: 'output' }, miss: { stage: 'miss' } }) },
];

interface Step {
  app: number;
  table: number;
  key: number;
  what: 'set' | 'delete' | 'group' | 'delete group' | 'clear' | 'clear and set again' | 'fail to attach';
  onward: number;
  miss: boolean;
  line: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  app: fc.nat(2),
  table: fc.nat(1),
  key: fc.nat(3),
  what: fc.constantFrom(
    ...(['set', 'set', 'set', 'set', 'delete', 'delete', 'group', 'delete group'] as const),
    ...(['clear', 'clear and set again', 'fail to attach'] as const),
  ),
  onward: fc.nat(7),
  miss: fc.boolean(),
  line: fc.nat(3),
});

function flowOf({ key, onward, miss, line }: Step): AppFlow {
  const ways: (AppAction | AppAction[])[][] = [
    [next()],
    [goto('flood')],
    [resubmit('output'), next()],
    [group('0')],
    [group('1'), next()],
    [output(7)],
    [resubmit('next')],
    drop(),
  ];
  // A match of its own for each key: which of two that are alike stands follows from their order.
  const isMiss = miss && key === 0;
  return {
    priority: isMiss ? 0 : 10,
    match: isMiss ? {} : { inPort: key + 1 },
    actions: actions(...ways[onward]!),
    intent: { text: `why ${onward}`, source: `f.yaml:${line}` },
  };
}

/** What is declared, by place. */
type Declared = Map<string, (weaver: Weaver) => void>;

function take(step: Step, weaver: Weaver, declared: Declared): void {
  const app = apps[step.app]!;
  const table = [...app.tables.keys()][step.table]!;
  const key = String(step.key);
  const place = `${app.name}/${table}/${key}`;
  const groupPlace = `${app.name} group ${key}`;
  const set = (each: Weaver) => each.set(app, table, key, flowOf(step));
  const buckets = [
    { actions: step.onward < 4 ? [output(step.onward)] : [resubmit(step.onward < 6 ? 'output' : 'lost')] },
  ];
  const setGroup = (each: Weaver) => each.setGroup(app, key, { type: 'all', buckets });
  const own = [...declared].filter(([name]) => name.startsWith(app.name));
  switch (step.what) {
    case 'set':
      set(weaver);
      declared.set(place, set);
      return;
    case 'delete':
      weaver.delete(app, table, key);
      declared.delete(place);
      return;
    case 'group':
      setGroup(weaver);
      declared.set(groupPlace, setGroup);
      return;
    case 'delete group':
      weaver.deleteGroup(app, key);
      declared.delete(groupPlace);
      return;
    case 'clear':
      weaver.clear(app);
      for (const [name] of own) declared.delete(name);
      return;
    case 'clear and set again':
      weaver.clear(app);
      for (const [, declare] of own) declare(weaver);
      return;
    case 'fail to attach': {
      const restore = weaver.keep(app);
      weaver.clear(app);
      set(weaver);
      setGroup(weaver);
      restore();
      return;
    }
  }
}

function shown(weaver: Weaver) {
  const { flows, groups, errors } = weaver.weave();
  const lines = Array.from(
    flows.values(),
    ({ identity, content, intent }) => `${identity} ${content} ${intent.source}`,
  );
  return {
    lines: lines.toSorted(),
    groups: Array.from(groups.values(), (each) => each.content).toSorted(),
    errors: errors.toSorted(),
  };
}

test('apps go on declaring while it is woven in slices: then the next weaving is the same as from the start', () => {
  const steps = fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 5 });
  fc.assert(
    fc.property(steps, steps, fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), (rounds, meanwhile, pauses) => {
      const weaver = createWeaver(plan);
      const declared: Declared = new Map();
      const followed = new Map<string, string>();
      const end = ({ flows, touched }: Woven) => {
        for (const identity of touched) {
          const flow = flows.get(identity);
          if (flow === undefined) followed.delete(identity);
          else followed.set(identity, flow.content);
        }
      };
      // So many others that there are slices.
      const many = (each: Weaver, from: number) => {
        for (let i = 0; i < 200; i++) each.set(manyApp, 'many', `${i}`, manyFlow(from + i));
      };
      for (const [index, round] of rounds.entries()) {
        many(weaver, index);
        for (const each of round) take(each, weaver, declared);
        const work = weaver.weaving();
        let moment = 0;
        for (const each of meanwhile[index] ?? []) {
          for (let left = pauses[moment++ % pauses.length]!; left > 0; left--) {
            const { done, value } = work.next();
            if (done === true && value !== undefined) end(value);
          }
          take(each, weaver, declared);
        }
        for (let next = work.next(); ; next = work.next()) {
          if (next.done !== true) continue;
          if (next.value !== undefined) end(next.value);
          break;
        }
        end(weaver.weave());
        const fresh = createWeaver(plan);
        many(fresh, index);
        for (const declare of declared.values()) declare(fresh);
        expect(shown(weaver)).toEqual(shown(fresh));
        expect(followed).toEqual(
          new Map(Array.from(weaver.woven.flows.values(), ({ identity, content }) => [identity, content])),
        );
      }
    }),
    { numRuns: 60 },
  );
});

const manyApp: WeaverApp = { name: 'd', number: 4, tables: plan.allocate('d', { many: { stage: 'respond' } }) };

function manyFlow(port: number): AppFlow {
  return { priority: 5, match: { inPort: 1000 + port }, actions: [output(port)], intent: 'many' };
}

test('the same as from the start, and every difference was told', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 8 }), (rounds) => {
      const weaver = createWeaver(plan);
      const declared: Declared = new Map();
      /** Kept current by what is told alone. */
      const followed = new Map<string, string>();
      for (const round of rounds) {
        for (const each of round) take(each, weaver, declared);
        const { flows, touched } = weaver.weave();
        for (const identity of touched) {
          const flow = flows.get(identity);
          if (flow === undefined) followed.delete(identity);
          else followed.set(identity, flow.content);
        }
        expect(followed).toEqual(new Map(Array.from(flows.values(), ({ identity, content }) => [identity, content])));
        const fresh = createWeaver(plan);
        for (const declare of declared.values()) declare(fresh);
        expect(shown(weaver)).toEqual(shown(fresh));
      }
    }),
    { numRuns: 300 },
  );
});

test('a flow that is withdrawn in the middle of a weaving and declared again afterwards stands', () => {
  const weaver = createWeaver(plan);
  for (let i = 0; i < 200; i++) weaver.set(manyApp, 'many', `${i}`, manyFlow(i));
  const work = weaver.weaving();
  work.next();
  weaver.delete(manyApp, 'many', '199');
  while (work.next().done !== true);
  const isThere = () => [...weaver.woven.flows.values()].some(({ key }) => key === '199');
  expect(isThere()).toBe(false);
  weaver.set(manyApp, 'many', '199', manyFlow(199));
  weaver.weave();
  expect(isThere()).toBe(true);
});
