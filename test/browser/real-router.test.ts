/** The dashboard on a real router with NAT and a firewall: each rule of the file counts its own traffic on the page. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RuleStatus } from '../../src/api/snapshot.ts';
import { ask, labFile } from '../lab/support/flowloom.ts';
import { addGuest } from '../lab/support/guest.ts';
import type { Namespace } from '../lab/support/lab.ts';
import { curl, ping, startWeb } from '../lab/support/traffic.ts';
import { until } from '../lab/support/wait.ts';
import { numberIn } from './browser.ts';
import { counters, type LabPage, labPage } from './lab-page.ts';

const A = '172.16.100.5';
const B = '172.16.200.5';

let boxA: Namespace;
let boxB: Namespace;
let opened: LabPage;

const { open, close } = labPage('virtual-router', 'dials-in', async (lab, hv1) => {
  boxA = await addGuest(lab, hv1, 'boxA', { addresses: [`${A}/24`], via: '172.16.100.1' });
  boxB = await addGuest(lab, hv1, 'boxB', { addresses: [`${B}/24`] });
  await startWeb(lab, boxA, 8800);
});

beforeAll(async () => {
  opened = await open();
  // All rows are to be drawn at once.
  await opened.page.setViewportSize({ width: 1280, height: 12_000 });
});

afterAll(close, 60_000);

test('a rule of the file stands on the page with its line, and counts the connection that it accepted', async () => {
  const text = 'accept tcp 8800 from public';
  const line =
    labFile(opened.lab)
      .split('\n')
      .findIndex((one) => one.includes(text)) + 1;
  const rule = opened.page.locator('[data-flow-id]').filter({
    has: opened.page.locator('[data-field="source"]', { hasText: new RegExp(`flowloom\\.yaml:${line}$`) }),
  });
  await rule.first().waitFor();
  const sum = async () => {
    const counts = await Promise.all((await rule.all()).map((row) => numberIn(row, 'packets')));
    return counts.reduce((total, one) => total + one, 0);
  };
  expect(await sum()).toBe(0);
  await until('boxB gets the page', async () => (await curl(boxB, 'http://172.16.200.1:8800/')).code === 0);
  await until('the rule has counted', async () => (await sum()) > 0);
  expect(await rule.first().locator('[data-field="app"]').innerText()).toBe('firewall');
});

test('with all features at once every flow of the switch has the same counter on the page', async () => {
  expect((await ping(boxA, B, { count: 5 })).received).toBe(5);
  await until('page and switch agree', async () => {
    const { page, dump } = await counters(opened);
    expect(page).toEqual(dump);
    return true;
  });
  expect(opened.complaints).toEqual([]);
});

test('the views of the firewall and of NAT: five pings are ten packets of the policy, and of the masquerade', async () => {
  const { page } = opened;
  const packetsOf = async (view: string, text: string) => {
    await page.getByRole('link', { name: view, exact: true }).click();
    const row = page.locator('[data-rule]').filter({ has: page.locator('button', { hasText: text }) });
    await row.waitFor();
    return numberIn(row, 'packets');
  };
  const rules = [
    ['Firewall', 'private to public accept'],
    ['NAT', 'masquerade 172.16.100.0/24 out edge/public'],
    ['Firewall', 'public to all drop'],
  ] as const;
  // The pings of the test before may not all have been told yet.
  const counted = (await ask(opened.flowloom, '/api/v1/rules')) as RuleStatus[];
  const before = new Map(counted.map(({ text, packets }) => [text, packets]));
  for (const [view, text] of rules) {
    await until(`${text} is told`, async () => (await packetsOf(view, text)) === before.get(text));
  }
  expect((await ping(boxA, B, { count: 5 })).received).toBe(5);
  for (const [view, text] of rules.slice(0, 2)) {
    await until(
      `${text} has counted ten packets`,
      async () => (await packetsOf(view, text)) === before.get(text)! + 10,
    );
  }
  const [view, refused] = rules[2]!;
  expect(await packetsOf(view, refused)).toBe(before.get(refused));
  await ping(boxB, '172.16.200.1', { count: 2 });
  await until('the policy has counted what it refused', async () => {
    return (await packetsOf(view, refused)) === before.get(refused)! + 2;
  });
  const row = page.locator('[data-rule]').filter({ has: page.locator('button', { hasText: refused }) });
  expect(await row.locator('[data-field="lastHit"]').innerText()).toMatch(/ s ago$/);
  expect(opened.complaints).toEqual([]);
});
