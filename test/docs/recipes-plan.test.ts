/** docs/recipes: `flowloom plan` says of each file what its page says, on hosts with empty databases; `status` has the same counts. */

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describePlan } from '../../src/cli/describe-plan.ts';
import { parseConfig } from '../../src/config/load.ts';
import { planWithoutController } from '../../src/main/plan-without-controller.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { patternOf, stepsOf } from './console.ts';

vi.setConfig({ testTimeout: 60_000 });

/** By which the hosts of the labs reach Flowloom. */
const CONTROLLER = 'controller: "tcp:10.250.0.1:6653"';
const HOSTS = ['hv1', 'hv2', 'hv3'];
const text = (name: string) => readFileSync(`docs/recipes/${name}`, 'utf8');
const planned = (page: string) => stepsOf(page).find(({ command }) => command.join(' ') === 'flowloom plan net.yaml');
const pages = readdirSync('docs/recipes').filter((name) => planned(text(name)) !== undefined);

const servers = new Map<string, OvsdbServer>();
beforeAll(async () => {
  for (const host of HOSTS) servers.set(host, await startOvsdbServer());
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

/** The page's file, with the databases that are here in place of the labs'. */
function fileIn(page: string): string {
  const [, file = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(page) ?? [];
  return file.replace(/^ {2}(hv\d): \{(.*)\}/gm, (_, host: string, keys: string) => {
    const others = keys.replace(/ ovsdb: "[^"]*",?/, '').trim();
    const own = [`ovsdb: "${servers.get(host)?.target}"`, keys.includes('controller:') ? '' : CONTROLLER, others];
    return `  ${host}: { ${own.filter((key) => key !== '').join(', ')} }`;
  });
}

test.each(pages)('%s', async (name) => {
  const page = text(name);
  const loaded = parseConfig(fileIn(page), 'net.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const plan = await planWithoutController(loaded.config);
  // As the command does where no Flowloom runs; one may run on this machine.
  expect(describePlan(plan)).toMatch(patternOf(planned(page)!.output));
  expect(plan.unknown).toEqual([]);
});

test('what is planned is what status then counts', () => {
  for (const name of pages) {
    const page = text(name);
    const [, flows] = /^\d+ changes over OVSDB, (\d+) flows added/m.exec(page) ?? [];
    const standing = [...page.matchAll(/ up {2}(\d+) flows, 0 foreign/g)].map(([, count]) => Number(count));
    expect(
      standing.reduce((sum, count) => sum + count, 0),
      name,
    ).toBe(Number(flows));
  }
});
