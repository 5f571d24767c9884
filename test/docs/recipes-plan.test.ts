/** docs/recipes: `flowloom plan` says of each file what its page says, on hosts with empty databases; `status` has the same counts. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { flowloom } from '../cli/program.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { patternOf, stepsOf } from './console.ts';

vi.setConfig({ testTimeout: 60_000 });

/** By which the hosts of the labs reach Flowloom. */
const CONTROLLER = 'controller: "tcp:10.250.0.1:6653"';
const HOSTS = ['hv1', 'hv2', 'hv3'];
const text = (name: string) => readFileSync(`docs/recipes/${name}`, 'utf8');
const planned = (page: string) => stepsOf(page).find(({ command }) => command.join(' ') === 'flowloom plan net.yaml');
const pages = readdirSync('docs/recipes').filter((name) => planned(text(name)) !== undefined);

let folder: string;
const servers = new Map<string, OvsdbServer>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-recipes-'));
  for (const host of HOSTS) servers.set(host, await startOvsdbServer());
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  rmSync(folder, { recursive: true, force: true });
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
  writeFileSync(join(folder, 'net.yaml'), fileIn(page));
  const { code, stdout } = await flowloom(['plan', 'net.yaml'], folder);
  expect(stdout).toMatch(patternOf(planned(page)!.output));
  expect(code).toBe(0);
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
