/** The stages: in order, within the tables that Open vSwitch has, and with room for apps beside those that are built in. */

import { expect, test } from 'vitest';
import { defineApp } from '../../src/app/define-app.ts';
import { createAppHost } from '../../src/app/host.ts';
import { parseConfig } from '../../src/config/load.ts';
import { isStage, STAGES, type Stage } from '../../src/flow/stages.ts';
import { builtInApps, requestApps } from '../../src/main/load-apps.ts';

/** Tables of others, beside the built-in apps, in any stage. */
const ROOM = 5;

test('stages follow one another, from table 0 to the last that Open vSwitch gives', () => {
  let next = 0;
  for (const [first, last] of Object.values(STAGES)) {
    expect(first).toBe(next);
    next = last + 1;
  }
  // Table 254 it keeps for itself.
  expect(next).toBe(254);
});

async function builtIn() {
  const optional = builtInApps().map(({ name }) => `  ${name}: {}\n`);
  const loaded = parseConfig(`flowloom: 1\napps:\n${optional.join('')}`, 'f.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { requests, problems } = await requestApps(loaded.config, []);
  expect(problems).toEqual([]);
  expect(requests.map(({ definition }) => definition.name).toSorted()).toEqual(
    builtInApps()
      .map(({ name }) => name)
      .toSorted(),
  );
  return requests;
}

const app = (name: string, stages: Stage[]) => ({
  definition: defineApp({
    name,
    tables: Object.fromEntries(stages.map((stage, index) => [`t${index}`, { stage }])),
    attach: () => undefined,
  }),
  ...{ config: {}, source: 'f.yaml:1', sources: {} },
});

test('beside all built-in apps each stage has room for five apps with a table, and for one with five', async () => {
  const requests = await builtIn();
  const stages = Object.keys(STAGES).filter(isStage);
  const many = Array.from({ length: ROOM }, (_, n) => app(`user-${n}`, stages));
  const one = app(
    'user',
    stages.flatMap((stage) => Array.from({ length: ROOM }, () => stage)),
  );
  const host = createAppHost();
  expect(host.load(requests)).toEqual([]);
  const before = [...host.plan.owners];
  for (const users of [many, [one]]) {
    expect(host.load([...requests, ...users])).toEqual([]);
    const apart = [...host.plan.owners].filter(([, owner]) => !owner.app.startsWith('user'));
    expect(apart).toEqual(before);
    expect(host.plan.owners.size).toBe(before.length + ROOM * stages.length);
  }
});
