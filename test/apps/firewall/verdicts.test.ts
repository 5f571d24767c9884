/** A firewall's rules come, go and change a few at a time: the flows are those that the whole file would give. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FilteredPlace } from '../../../apps/firewall/filtered-place.ts';
import { createVerdicts } from '../../../apps/firewall/verdicts.ts';
import type { Firewall, FirewallRule } from '../../../src/index.ts';

const router: FilteredPlace = {
  name: 'edge',
  base: { 'router.number': 7 },
  zone: 7,
  rules: 'filter',
  closer: {},
  onward: 'next',
  zones: undefined,
  floods: false,
  families: [4],
  classes: { of: () => [] },
};
const policy = { text: 'all to all drop', source: 'f.yaml:1', action: 'drop' };

interface Line {
  text: string;
  action: 'accept' | 'drop';
  port: number;
  priority: number;
  source: string;
}

const line: fc.Arbitrary<Omit<Line, 'priority'>> = fc
  .record({
    action: fc.constantFrom('accept' as const, 'accept' as const, 'accept' as const, 'drop' as const),
    port: fc.nat(30),
    line: fc.nat(3),
  })
  .map(({ action, port, line }) => ({ text: `${action} tcp ${port}`, action, port, source: `f.yaml:${line}` }));

const edit = fc.record({ at: fc.nat(100), out: fc.nat(2), into: fc.array(line, { maxLength: 3 }) });

function firewallOf(lines: readonly Line[], source: string): Firewall {
  const rules = lines.map(({ text, action, port, source }) => {
    return {
      text,
      source,
      action,
      services: [{ protocol: 6, ports: [[port, port]], sourcePorts: [], types: [] }],
    } as unknown as FirewallRule;
  });
  return { source, zones: [], sets: [], rules, policy: [policy] } as unknown as Firewall;
}

test('as from the whole file, and what did not change are the same objects', () => {
  const kept = { all: 0, same: 0 };
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      const verdicts = createVerdicts();
      let serial = 40_000;
      const numbered = (each: Omit<Line, 'priority'>): Line => ({ ...each, priority: serial-- });
      let lines = Array.from({ length: 40 }, (_, i) =>
        numbered({ text: `accept tcp ${100 + i}`, action: 'accept', port: 100 + i, source: `f.yaml:${i}` }),
      );
      let before = new Set<unknown>();
      for (const [round, { at, out, into }] of edits.entries()) {
        lines = lines.toSpliced(at % (lines.length + 1), out, ...into.map(numbered));
        lines = lines.map((each, i) => ({ ...each, source: `f.yaml:${i}` }));
        const firewall = firewallOf(lines, `f.yaml:${round >> 1}`);
        const priorities = { rules: lines.map(({ priority }) => priority), policies: [10] };
        const { rules: flows, ...others } = verdicts.flows(firewall, [router], priorities);
        expect({ rules: flows, ...others }).toEqual(createVerdicts().flows(firewall, [router], priorities));
        if (round > 0) kept.all += flows.length;
        for (const [, flow] of flows) if (before.has(flow)) kept.same++;
        before = new Set(flows.map(([, flow]) => flow));
      }
    }),
    { numRuns: 300 },
  );
  expect(kept.same / kept.all).toBeGreaterThan(0.6);
});
