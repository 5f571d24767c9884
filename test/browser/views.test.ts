/** The page's views of rules, routers and leases in a real browser, fed by the real API from a source that the test writes. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startApi } from '../../src/api/server.ts';
import type { EventStatus, RuleStatus } from '../../src/api/snapshot.ts';
import { silent } from '../api/api-support.ts';
import { rule } from '../api/sample-rules.ts';
import { type SampleSource, sampleSource } from '../api/sample-source.ts';
import { type Browser, complaintsOf, numberIn, startBrowser } from './browser.ts';
import { builtPage } from './built-page.ts';

let folder: string;
let browser: Browser;
let source: SampleSource;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = await builtPage();
  browser = await startBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  source = sampleSource();
  page = await browser.context.newPage();
  complaints = complaintsOf(page);
  onTestFinished(() => page.close());
});

async function open(view: string): Promise<void> {
  const api = await startApi({ listen: '127.0.0.1:0', token: undefined, source, page: folder, log: silent });
  onTestFinished(() => api.close());
  await page.goto(`http://${api.address}/#${view}`);
  await page.locator('[data-connection="live"]').waitFor();
}

const ruleAt = (line: string) => page.locator(`[data-rule="${line}"]`);

function logged(id: number, of: RuleStatus, port: number): EventStatus {
  return {
    ...{ id, time: 1_700_000_000_000 + id, kind: 'app', subject: 'firewall', level: 'notice' },
    text: `${of.action}: 10.66.66.7 → 198.51.100.9:${port}`,
    fields: { rule: of.text, source: of.source, prefix: '', dstPort: port },
  };
}

test('the firewall: zones, rules and policies with line, action and exact counters, which follow', async () => {
  await open('firewall');
  await ruleAt('net.yaml:41').waitFor();
  expect(await page.locator('[data-zone]').allInnerTexts()).toEqual(['loc edge/loc', 'net edge/net']);
  for (const one of source.ruleList) {
    const row = ruleAt(one.source);
    if (one.kind === 'nat') {
      expect(await row.count()).toBe(0);
      continue;
    }
    expect(await row.locator('[data-field="text"]').innerText()).toBe(one.text);
    expect(await row.locator('[data-field="line"]').innerText()).toBe(one.source.split(':')[1]);
    expect(await row.locator('[data-field="action"]').innerText()).toBe(one.action);
    expect(await numberIn(row, 'packets')).toBe(one.packets);
    expect(await numberIn(row, 'bytes')).toBe(one.bytes);
    expect(await row.locator('[data-field="lastHit"]').innerText()).toMatch(one.lastHit === null ? 'never' : / ago$/);
  }
  expect(await ruleAt('net.yaml:41').innerText()).toContain('TABLE_FULL');
  const policy = source.ruleList[3]!;
  policy.packets += 5;
  policy.packetRate = 5;
  policy.lastHit = new Date().toISOString();
  source.changed();
  const row = ruleAt(policy.source);
  await row.locator(`[data-field="packets"][data-value="${policy.packets}"]`).waitFor();
  expect(await row.locator('[data-field="packetRate"]').innerText()).toContain('5 pkt/s');
  expect(complaints).toEqual([]);
});

test('a rule in between stands where the file has it', async () => {
  await open('firewall');
  await ruleAt('net.yaml:41').waitFor();
  source.ruleList.push(rule({ text: 'drop ntp from loc to net', source: 'net.yaml:9' }));
  source.changed();
  await ruleAt('net.yaml:9').waitFor();
  const lines = page.locator('section[aria-label="Rules"] [data-field="line"]');
  expect(await lines.allInnerTexts()).toEqual(['9', '40', '41']);
});

test('of many rules some are chosen by words, and the log is one step away', async () => {
  for (let i = 0; i < 400; i++)
    source.ruleList.push(rule({ text: `accept tcp ${3000 + i} from net to loc`, source: `net.yaml:${100 + i}` }));
  await open('firewall');
  await ruleAt('net.yaml:100').waitFor();
  const log = page.locator('.events');
  expect((await log.boundingBox())!.y).toBeGreaterThan(10_000);
  await page.getByRole('button', { name: 'Log ↓' }).click();
  await page.waitForFunction('document.querySelector(".events").getBoundingClientRect().y < innerHeight');
  await page.getByRole('searchbox', { name: 'Filter the rules by text' }).fill('NET 3399');
  await page.locator('section[aria-label="Rules"] [data-shown="1"]').waitFor();
  expect(await page.locator('section[aria-label="Rules"] [data-rule]').count()).toBe(1);
  expect(await ruleAt('net.yaml:499').count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Filter the rules by text' }).fill('nothing like it');
  await page.locator('.empty', { hasText: 'No rule has these words' }).waitFor();
  expect(complaints).toEqual([]);
});

test('what rules log comes live, and that of one rule alone when it is chosen; by the keyboard too', async () => {
  const [, , , stray, , http] = source.ruleList;
  source.eventList = [logged(1, stray!, 25), logged(2, http!, 80)];
  await open('firewall');
  const lines = page.locator('[data-event]');
  await lines.nth(1).waitFor();
  expect(await lines.first().innerText()).toContain('198.51.100.9:80');
  // What the text has already is not said again.
  expect(await lines.first().locator('small').innerText()).toBe(`rule=${http!.text} · source=${http!.source}`);
  source.eventList.push(logged(3, stray!, 26));
  source.changed();
  await page.locator('[data-event="3"]').waitFor();

  await ruleAt('net.yaml:36').locator('button').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.detail[aria-label="Chosen rule"]').waitFor();
  await page.locator('.events [data-shown="2"]').waitFor();
  expect(await lines.count()).toBe(2);
  expect(await page.locator('.events select').inputValue()).toBe(stray!.id);
  await page.keyboard.press('Escape');
  await page.locator('.events [data-shown="3"]').waitFor();
  await page.getByRole('searchbox', { name: 'Filter the log by text' }).fill('dstport 80');
  await page.locator('.empty', { hasText: 'Nothing was told that fits' }).waitFor();
  await page.getByRole('searchbox', { name: 'Filter the log by text' }).fill('198.51.100.9:80');
  await page.locator('.events [data-shown="1"]').waitFor();
  expect(complaints).toEqual([]);
});

test('NAT: each rule with what is public and what is inside', async () => {
  source.ruleList.push(
    rule({ kind: 'nat', text: 'one-to-one 10.88.88.68 with 10.77.0.68', source: 'net.yaml:33' }),
    rule({ kind: 'nat', text: 'exempt 10.66.66.0/24 to 10.9.0.0/16 out edge/net', source: 'net.yaml:30' }),
    rule({ kind: 'nat', text: 'snat 10.66.66.8/29 to 10.88.88.67 out edge/net', source: 'net.yaml:34' }),
  );
  await open('nat');
  await ruleAt('net.yaml:34').waitFor();
  expect(await page.locator('[data-field="sides"]').allInnerTexts()).toEqual([
    'as it is → 10.66.66.0/24',
    'edge/net → 10.66.66.0/24',
    'tcp 10.88.88.66:8800 → 10.66.66.67:80',
    '10.88.88.68 → 10.77.0.68',
    '10.88.88.67 → 10.66.66.8/29',
  ]);
  expect(complaints).toEqual([]);
});

test('routers and leases, as they are published, and as they change', async () => {
  await open('routers');
  const route = page.locator('section[aria-label="Routes"] [data-row]');
  await route.nth(1).waitFor();
  expect(await route.first().locator('[data-field="state"]').innerText()).toBe('unresolved');
  source.publishedRows.routes[0]!.state = 'active';
  source.changed();
  await page.locator('section[aria-label="Routes"] .good').nth(1).waitFor();
  const neighbours = page.locator('section[aria-label="Neighbours"] [data-row]');
  expect(await neighbours.nth(1).innerText()).toMatch(/10\.88\.88\.1.*asked.*edge\/net/s);

  await page.getByRole('link', { name: 'Leases' }).click();
  const leases = page.locator('section[aria-label="Leases"] [data-row]');
  await leases.nth(1).waitFor();
  expect(await leases.nth(1).innerText()).toMatch(/10\.66\.66\.100.*bound.*laptop.*web1/s);
  expect(source.watchedFor.at(-1)).toBe('leases,status');
  expect(complaints).toEqual([]);
});

test('what the file does not have is said with what to write', async () => {
  source.ruleList = [];
  source.snapshot.zones = [];
  source.publishedRows = { interfaces: [], routes: [], neighbours: [], leases: [] };
  await open('firewall');
  for (const [view, begins] of [
    ['Firewall', 'firewall:'],
    ['NAT', 'nat:'],
    ['Routers', 'routers:'],
    ['Leases', 'dhcp:'],
  ] as const) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await page.locator('.empty-state pre', { hasText: new RegExp(`^${begins}`) }).waitFor();
  }
  expect(complaints).toEqual([]);
});

test('five thousand rules: only those in view are in the document, and the keyboard reaches the last', async () => {
  source.ruleList = Array.from({ length: 5000 }, (_, index) =>
    rule({ text: `accept tcp ${index + 1} from net to loc`, source: `net.yaml:${index + 100}` }),
  );
  await open('firewall');
  await ruleAt('net.yaml:100').locator('button').focus();
  await page.keyboard.press('End');
  await ruleAt('net.yaml:5099').locator('button:focus').waitFor();
  expect(await page.locator('[data-rule]').count()).toBeLessThan(80);
});

test('on a phone nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('firewall');
  for (const view of ['Firewall', 'NAT', 'Routers', 'Leases']) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await page.locator('[data-rule], [data-row]').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth'), view).toBe(390);
  }
});
