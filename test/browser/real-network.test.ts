/** The dashboard on a running network: real Open vSwitch, real traffic, and counters that are the switch's own. */
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startControl } from '../lab/support/control.ts';
import { type Flowloom, startAgain, startFlowloom, stopFlowloom } from '../lab/support/flowloom.ts';
import { dumpFlows } from '../lab/support/flows.ts';
import { addGuest, macOf } from '../lab/support/guest.ts';
import { type OpenVSwitch, ofctl, startHost } from '../lab/support/host.ts';
import { inside, type Namespace, openLab } from '../lab/support/lab.ts';
import { closeRecord, openRecord, type RunRecord } from '../lab/support/record.ts';
import { ping } from '../lab/support/traffic.ts';
import { until } from '../lab/support/wait.ts';
import { type Browser, complaintsOf, numberIn, rowOf, startBrowser } from './browser.ts';
import { builtPage } from './built-page.ts';

const ADDRESSES = ['10.1.0.1', '10.1.0.2'] as const;

let record: RunRecord | undefined;
let hv1: OpenVSwitch;
let guests: [Namespace, Namespace];
let flowloom: Flowloom;
let door: Door | undefined;
let browser: Browser | undefined;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  await builtPage();
  record = openRecord();
  const lab = openLab(record, 'dashboard', fileURLToPath(new URL('../lab/first-flows', import.meta.url)));
  await startControl(lab);
  hv1 = await startHost(lab, 'hv1', 'unix');
  const [one, other] = ADDRESSES;
  guests = [
    await addGuest(lab, hv1, 'guest1', { addresses: [`${one}/24`] }),
    await addGuest(lab, hv1, 'guest2', { addresses: [`${other}/24`] }),
  ];
  // Each knows the other's MAC already: nothing but the pings is on the wire.
  await knows(guests[0], other, await macOf(guests[1]));
  await knows(guests[1], one, await macOf(guests[0]));
  flowloom = await startFlowloom(lab, ['hv1/br0']);
  door = await openDoor(flowloom.socket);
  browser = await startBrowser();
  page = await browser.context.newPage();
  complaints = complaintsOf(page);
  await page.goto(`http://127.0.0.1:${door.port}/`);
  await page.locator('[data-flow-id]').first().waitFor();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  door?.close();
  if (record !== undefined) await closeRecord(record);
}, 60_000);

test('10 and then 15 pings: the counter on the page is that of ovs-ofctl, to the packet', async () => {
  const miss = page.locator('[data-flow-id]', { has: page.locator('[data-field="app"]', { hasText: 'table-miss' }) });
  const normal = miss.filter({ has: page.locator('[data-field="actions"][data-value="NORMAL"]') });
  expect(await normal.count()).toBe(1);
  const id = (await normal.getAttribute('data-flow-id')) ?? '';
  const row = rowOf(page, id);
  const begin = await numberIn(row, 'packets');
  expect(begin).toBe(await tableMiss());

  for (const [count, sum] of [
    [10, 20],
    [15, 50],
  ] as const) {
    const { received } = await ping(guests[0], ADDRESSES[1], { count });
    expect(received).toBe(count);
    await until('the switch has counted them', async () => (await tableMiss()) === begin + sum);
    await row.locator(`[data-field="packets"][data-value="${begin + sum}"]`).waitFor();
  }
  expect(await numberIn(row, 'packets')).toBe(await tableMiss());
  expect(await numberIn(row, 'bytes')).toBe(await tableMissBytes());
  expect(complaints).toEqual([]);
});

test('every flow of the switch stands on the page with the same counter', async () => {
  await until('page and switch agree', async () => {
    const dumped = (await dumpFlows(hv1, 'br0')).map((one) => `${one.table} ${one.priority} ${one.packets}`);
    const shown = await rowsOnPage();
    expect(shown.toSorted()).toEqual(dumped.toSorted());
    return true;
  });
});

test('what somebody else adds is marked foreign, and goes when it is taken away', async () => {
  await ofctl(hv1, 'add-flow', 'br0', 'table=140,priority=77,udp,tp_dst=4242,actions=drop');
  const row = page.locator('tr.foreign');
  await row.waitFor();
  expect(await row.innerText()).toContain('tp_dst=4242');
  expect(await numberIn(row, 'priority')).toBe(77);
  await ofctl(hv1, '--strict', 'del-flows', 'br0', 'table=140,priority=77,udp,tp_dst=4242');
  await row.waitFor({ state: 'detached' });
});

test('Flowloom restarts: the page says so, comes back by itself, and the counters ran on', async () => {
  const before = await tableMiss();
  await stopFlowloom(flowloom);
  await page.locator('[data-connection="lost"]').waitFor();
  expect((await ping(guests[0], ADDRESSES[1], { count: 5 })).received).toBe(5);
  await startAgain(flowloom);
  await page.locator('[data-connection="live"]').waitFor();
  const row = page
    .locator('[data-flow-id]')
    .filter({ has: page.locator('[data-field="actions"][data-value="NORMAL"]') });
  await row.locator(`[data-field="packets"][data-value="${before + 10}"]`).waitFor();
  expect(await tableMiss()).toBe(before + 10);
});

async function knows(guest: Namespace, address: string, mac: string): Promise<void> {
  await inside(guest, ['ip', 'neighbour', 'replace', address, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent']);
}

async function tableMiss(): Promise<number> {
  const flows = await dumpFlows(hv1, 'br0');
  return flows.find((one) => one.priority === 0 && one.actions === 'NORMAL')?.packets ?? Number.NaN;
}

async function tableMissBytes(): Promise<number> {
  const flows = await dumpFlows(hv1, 'br0');
  const text = flows.find((one) => one.priority === 0 && one.actions === 'NORMAL')?.text ?? '';
  return Number(/n_bytes=(\d+)/.exec(text)?.[1]);
}

/** `table priority packets` of each row; the network is small enough for all rows to be drawn. */
async function rowsOnPage(): Promise<string[]> {
  const rows = await page.locator('[data-flow-id]').all();
  return Promise.all(
    rows.map(async (row) => {
      const [, table] = ((await row.getAttribute('data-flow-id')) ?? '').split('/');
      return `${table} ${await numberIn(row, 'priority')} ${await numberIn(row, 'packets')}`;
    }),
  );
}

interface Door {
  port: number;
  close(): void;
}

/** A port on this machine's loopback that leads to the lab's socket, and so to Flowloom in its namespace. */
async function openDoor(file: string): Promise<Door> {
  const server = createServer((client) => {
    const inner = connect(file);
    client.pipe(inner).pipe(client);
    client.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the door has no port');
  return { port: address.port, close: () => void server.close() };
}
