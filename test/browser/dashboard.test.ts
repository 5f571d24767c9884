/** The dashboard's page in a real browser, fed by the real API from a source that the test writes. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startApi } from '../../src/api/server.ts';
import { silent } from '../api/api-support.ts';
import { flow, type SampleSource, sampleSource } from '../api/sample-source.ts';
import { type Browser, complaintsOf, idsOf, numberIn, rowOf, startBrowser } from './browser.ts';
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

async function serve(listen = '127.0.0.1:0', token?: string): Promise<{ address: string; close(): Promise<void> }> {
  const api = await startApi({ listen, token, source, page: folder, log: silent });
  onTestFinished(() => api.close());
  return api;
}

async function open(path = ''): Promise<string> {
  const { address } = await serve();
  await page.goto(`http://${address}/${path}`);
  await page.locator('[data-flow-id]').first().waitFor();
  return address;
}

/** Waits until the page says so many flows are shown. */
async function shown(count: number): Promise<void> {
  await page.locator(`[data-shown="${count}"]`).waitFor();
}

/** Waits until the page shows exactly so many packets for the flow. */
async function counted(id: string, packets: number): Promise<void> {
  await rowOf(page, id).locator(`[data-field="packets"][data-value="${packets}"]`).waitFor();
}

test('every flow stands there with its switch, table, rule, app, intent, source and exact counters', async () => {
  await open();
  await page.locator('[data-connection="live"]').waitFor();
  for (const one of source.flowList) {
    const row = rowOf(page, one.id);
    const text = (field: string) => row.locator(`[data-field="${field}"]`).innerText();
    expect(await text('switch')).toBe(one.switch);
    expect(await text('tableName')).toBe(one.tableName);
    expect(await numberIn(row, 'priority')).toBe(one.priority);
    expect(await row.locator('[data-field="match"]').getAttribute('data-value')).toBe(one.match);
    expect(await row.locator('[data-field="actions"]').getAttribute('data-value')).toBe(one.actions);
    expect(await text('app')).toBe(one.app ?? 'foreign');
    expect(await text('intent')).toBe(one.intent ?? 'not of this Flowloom');
    expect(await text('source')).toBe(one.source ?? '');
    expect(await numberIn(row, 'packets')).toBe(one.packets);
    expect(await text('packets')).toBe(one.packets.toLocaleString('en-US'));
    expect(await numberIn(row, 'bytes')).toBe(one.bytes);
  }
  await shown(7);
  expect(await page.locator('.flow-table tr.foreign').count()).toBe(1);
  expect(complaints).toEqual([]);
});

test('hosts, switches and ports with their states, waiting ports, warnings and rates', async () => {
  await open();
  const hv2 = page.locator('[data-host="hv2"]');
  expect(await hv2.locator('h2 [data-field="state"]').innerText()).toBe('connected');
  expect(await hv2.innerText()).toContain('br0/web4: no such device yet (flowloom.yaml:18)');
  expect(await hv2.innerText()).toContain('guests should use an MTU of 1450');
  const uplink = page.locator('[data-dpid="00000000000000a1"] [data-port="uplink"]');
  expect(await uplink.innerText()).toContain('3.75 Mbit/s');
  expect(await numberIn(uplink, 'rxPackets')).toBe(3000);

  source.snapshot.hosts[1]!.state = 'connecting';
  source.snapshot.hosts[1]!.error = 'tcp:10.0.0.2:6640: connection refused';
  source.snapshot.switches[1]!.state = 'down';
  source.snapshot.file!.error = 'flowloom.yaml:9: VLAN 5000 is not between 1 and 4094';
  source.snapshot.switches[0]!.ports[2]!.rxRate = 0;
  source.changed();
  await hv2.getByText('connection refused').waitFor();
  expect(await hv2.locator('[data-dpid] [data-field="state"]').innerText()).toBe('down');
  expect(await page.getByRole('alert').innerText()).toContain('VLAN 5000');
  expect(await uplink.innerText()).toContain('0 bit/s');
});

test('cables between switches, those that would close a loop, and ports that are closed for a segment', async () => {
  await open();
  const list = page.getByRole('group', { name: 'Cables' });
  expect(await list.locator('summary').innerText()).toContain('2 cables between switches, 1 blocked');
  const states = await list.locator('[data-cable] [data-field="state"]').allInnerTexts();
  expect(states).toEqual([
    'carrying',
    expect.stringMatching(/^blocked it would close the loop hv2\/br0 – hv1\/br0 – /),
  ]);
  expect(await list.locator('[data-closed]').allInnerTexts()).toEqual([
    expect.stringMatching(/^Closed for lan: hv3\/br0 · \S+: it would close a loop$/),
  ]);
  source.snapshot.topology = { settled: true, cables: [], closedPorts: [] };
  source.changed();
  await list.waitFor({ state: 'detached' });
});

test('what others changed in a switch, its own interface, an app with worse code, a file that waits', async () => {
  const [one] = source.snapshot.switches;
  one!.drift = { seen: 2, last: 'segments: port web2 (flowloom.yaml:10) was gone' };
  one!.ports[0]!.number = 0xfffffffe;
  source.snapshot.apps[0]!.code = { from: './mine.ts', loadedAt: null, refused: 'mine.ts:3: no such field' };
  source.snapshot.file!.unconfirmed = { id: 'a', until: Date.now() + 60_000, back: source.snapshot.file!.path };
  await open();
  const card = page.locator(`[data-dpid="${one!.dpid}"]`);
  expect(await card.locator('[data-field="drift"]').innerText()).toMatch(/^2 changes by somebody else .* was gone$/);
  expect(await card.locator(`[data-port="${one!.ports[0]!.name}"]`).innerText()).toContain('LOCAL');
  expect(await page.getByText('newer code does not run: mine.ts:3').count()).toBe(1);
  expect(await page.getByRole('alert').innerText()).toContain('is not confirmed: the file before it comes back in');
});

test('stations: folded, then each with its port, the host behind a tunnel, and its age as it moves', async () => {
  await open();
  const list = page.getByRole('group', { name: 'Stations' });
  expect(await list.locator('tbody tr').count()).toBe(0);
  await list.getByText('3 entries').click();
  const rows = list.locator('[data-at="hv1/br0"]');
  await rows.first().waitFor();
  expect(await rows.count()).toBe(2);
  expect(await rows.nth(0).innerText()).toMatch(
    /02:00:00:00:00:01\s+10\.66\.66\.7\s+loc\s+hv1\/br0 · web1\s+12 s ago\s+in 5 min/,
  );
  expect(await rows.nth(1).innerText()).toMatch(/vx4789t64 to hv2/);
  expect(await list.locator('[data-at="hv2/br0"]').innerText()).toMatch(/not yet/);
  expect(await list.innerText()).toContain('hv2/plain are kept by Open vSwitch itself: ovs-appctl fdb/show plain');
  source.snapshot.stations[0] = { ...source.snapshot.stations[0]!, port: 'web2', age: 1, expires: 299 };
  source.changed();
  await rows.nth(0).getByText('web2').waitFor();
  expect(await rows.nth(0).locator('[data-field="age"]').innerText()).toBe('1 s ago');
});

test('counters move live, new flows come and removed flows go', async () => {
  await open();
  const moved = source.flowList[1]!;
  expect(await rowOf(page, moved.id).getAttribute('class')).not.toContain('lit');
  const added = flow({ match: 'icmp', priority: 70, packets: 3 });
  const removed = source.flowList[4]!;
  source.flowList = [...source.flowList.filter((one) => one !== removed && one !== moved), added];
  source.flowList.push({ ...moved, packets: 12_345, bytes: 1_209_810, packetRate: 12, bitRate: 9_408 });
  source.changed();
  await rowOf(page, added.id).waitFor();
  expect(await rowOf(page, removed.id).count()).toBe(0);
  expect(await numberIn(rowOf(page, moved.id), 'packets')).toBe(12_345);
  expect(await rowOf(page, moved.id).getAttribute('class')).toMatch(/lit.*moving/);
  expect(await rowOf(page, moved.id).locator('[data-field="packetRate"]').innerText()).toMatch(
    /12 pkt\/s\s+9.41 kbit\/s/,
  );
  await page.locator('tr.lit').waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

test('what arrives before the page has drawn itself first is shown, though nothing more comes', async () => {
  // As on a machine with no time for the page: what Preact does after a drawing comes behind the first messages.
  const content = 'const later = setTimeout; window.setTimeout = (run, ms = 0) => later(run, ms + 1000);';
  await page.addInitScript({ content });
  await open();
});

test('sorted by any column, told to assistive technology', async () => {
  await open();
  const [accept, ssh, nat, miss, foreign, miss2, accept2] = source.flowList.map((one) => one.id);
  expect(await idsOf(page)).toEqual([foreign, ssh, accept, nat, miss, accept2, miss2]);
  await page.locator('[data-sort="packets"]').click();
  expect((await idsOf(page)).slice(0, 4)).toEqual([accept, nat, miss, accept2]);
  expect(await page.locator('th.packets').getAttribute('aria-sort')).toBe('descending');
  await page.locator('[data-sort="packets"]').click();
  expect((await idsOf(page)).slice(-2)).toEqual([nat, accept]);
  await page.locator('[data-sort="source"]').click();
  const bySource = await idsOf(page);
  expect(bySource.slice(0, 4)).toEqual([nat, accept, accept2, ssh]);
  await page.locator('[data-sort="source"]').click();
  expect((await idsOf(page)).slice(0, 4)).toEqual([ssh, accept, accept2, nat]);
  expect(await page.locator('[aria-sort]').count()).toBe(1);
});

test('filtered by words, switch, app and movement', async () => {
  await open();
  const search = page.getByLabel('Filter flows by text');
  await search.fill('firewall TP_DST=80 -hv2');
  await shown(1);
  expect(await idsOf(page)).toEqual([source.flowList[0]!.id]);
  await search.fill('nothing has this');
  await page.getByText('No flow fits these filters.').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await shown(7);
  await page.getByLabel('Switch', { exact: true }).selectOption('hv2/br0');
  await shown(2);
  await page.getByLabel('App', { exact: true }).selectOption('firewall');
  await shown(1);
  await page.getByLabel('Switch', { exact: true }).selectOption('All switches');
  await page.getByLabel('App', { exact: true }).selectOption('foreign');
  expect(await idsOf(page)).toEqual([source.flowList[4]!.id]);
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('moving').check();
  await shown(3);
  await page.getByRole('button', { name: /^nat/ }).click();
  await shown(1);
});

test('a chosen flow shows its whole text and a chart that grows; by mouse and by keyboard', async () => {
  await open();
  const one = source.flowList[6]!;
  await rowOf(page, one.id).locator('[data-field="intent"]').click();
  const detail = page.getByRole('complementary', { name: 'Chosen flow' });
  await detail.locator('canvas').waitFor();
  expect(await detail.innerText()).toContain(one.actions);
  expect(await detail.innerText()).toContain(one.cookie);
  for (let packets = 18; packets < 21; packets += 1) {
    source.flowList[6] = { ...one, packets };
    source.changed();
    await counted(one.id, packets);
  }
  expect(await detail.locator('[data-points]').getAttribute('data-points')).toBe('4');

  // What its intent has kept is the server's.
  const asked: string[] = [];
  source.history = (of, id, step) => {
    asked.push(`${of} ${id} ${step}`);
    const from = Date.now() - 3 * step * 1000;
    return { of, id, step, from, rates: { packets: [1, 2, 3], bytes: [64, 128, 192] } };
  };
  await detail.getByRole('button', { name: '1 hour' }).click();
  await detail.locator('[data-points="3"]').waitFor();
  await detail.getByText('steps of 10 s').waitFor();
  expect(asked[0]).toBe(`intent ${one.cookie} 10`);
  source.history = () => undefined;
  await detail.getByRole('button', { name: '1 day' }).click();
  await detail.locator('[data-points="0"]').waitFor();
  // The browser's own, of the answer 404: it comes on its way.
  await expect.poll(() => complaints.length).toBeGreaterThan(0);
  complaints.splice(0);
  await detail.getByRole('button', { name: 'This flow' }).click();
  await detail.locator('[data-points="4"]').waitFor();
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });

  await page.locator('[data-flow-id] button').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const second = (await idsOf(page))[1]!;
  expect(await detail.getAttribute('data-chart')).toBe(second);
  expect(await rowOf(page, second).locator('button').getAttribute('aria-expanded')).toBe('true');
  source.flowList = source.flowList.filter((other) => other.id !== second);
  source.changed();
  await detail.getByText('gone from its switch').waitFor();
  await detail.getByRole('button', { name: 'Close' }).click();
  await detail.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

test('a lost connection is told, and comes back by itself with the new state', async () => {
  const api = await serve();
  await page.goto(`http://${api.address}/`);
  await page.locator('[data-flow-id]').first().waitFor();
  await api.close();
  await page.locator('[data-connection="lost"]').waitFor();
  expect(await page.locator('[data-flow-id]').count()).toBe(7);
  expect(await page.getByRole('button', { name: 'Try now' }).isVisible()).toBe(true);

  source.flowList = [{ ...source.flowList[0]!, packets: 2_000_000 }];
  await serve(api.address);
  await page.locator('[data-connection="live"]').waitFor();
  await shown(1);
  expect(await numberIn(rowOf(page, source.flowList[0]!.id), 'packets')).toBe(2_000_000);
  // The browser itself tells of each connection that was refused or cut meanwhile; the page must add nothing.
  expect(complaints.filter((text) => !/net::ERR_(CONNECTION_|EMPTY_RESPONSE)/.test(text))).toEqual([]);
});

test('where a token is wanted the page asks for it, and keeps it out of the address', async () => {
  const { address } = await serve('127.0.0.1:0', 'correct horse');
  await page.goto(`http://${address}/`);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill('correct horse');
  await page.getByRole('button', { name: 'Connect' }).click();
  await shown(7);
  const other = await browser.context.newPage();
  await other.goto(`http://${address}/#token=correct%20horse`);
  await other.locator('[data-flow-id]').first().waitFor();
  expect(other.url()).toBe(`http://${address}/`);
  await other.close();
});

/** Seconds of processor time that the page's thread has used: what else runs on the machine does not count. */
async function busyMeter(): Promise<() => Promise<number>> {
  const session = await browser.context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
}

test('5,000 flows: only the rows in view are drawn, all can be reached, and the page stays fluid', async () => {
  source.flowList = Array.from({ length: 5_000 }, (_, index) =>
    flow({
      table: 200,
      tableName: 'switching',
      priority: 10,
      match: `reg2=${String(index).padStart(4, '0')}`,
      packets: index,
    }),
  );
  await open();
  await shown(5_000);
  expect(await page.locator('.flow-table').getAttribute('aria-rowcount')).toBe('5001');
  expect(await page.locator('[data-flow-id]').count()).toBeLessThan(80);

  await page.locator('[data-flow-id] button').first().focus();
  await page.keyboard.press('End');
  const last = source.flowList.at(-1)!;
  await rowOf(page, last.id).locator('button:focus').waitFor();
  expect(await rowOf(page, last.id).getAttribute('aria-rowindex')).toBe('5001');
  expect(await page.locator('[data-flow-id]').count()).toBeLessThan(80);

  const busy = await busyMeter();
  const begin = await busy();
  for (let round = 1; round <= 10; round += 1) {
    source.flowList = source.flowList.map((one) => ({ ...one, packets: one.packets + 1, packetRate: 1, bitRate: 800 }));
    source.changed();
    await counted(last.id, last.packets + round);
  }
  // Every flow changed in every round.
  const each = ((await busy()) - begin) / 10;
  expect(each).toBeLessThan(0.3);
  expect(complaints).toEqual([]);
});

test('on a phone nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  const row = rowOf(page, source.flowList[0]!.id);
  expect((await row.boundingBox())!.width).toBeLessThanOrEqual(390);
  await row.locator('button').click();
  await page.locator('.detail canvas').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});
