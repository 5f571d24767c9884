/** The dashboard on a running network: real Open vSwitch, real traffic, and counters that are the switch's own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgain, stopFlowloom } from '../lab/support/flowloom.ts';
import { type DumpedFlow, dumpFlows } from '../lab/support/flows.ts';
import { addGuest, macOf } from '../lab/support/guest.ts';
import { ofctl } from '../lab/support/host.ts';
import { inside, type Namespace } from '../lab/support/lab.ts';
import { ping } from '../lab/support/traffic.ts';
import { until } from '../lab/support/wait.ts';
import { numberIn } from './browser.ts';
import { counters, type LabPage, labPage } from './lab-page.ts';

const ONE = '10.1.0.1';
const OTHER = '10.1.0.2';

let guest1: Namespace;
let opened: LabPage;

const { open, close } = labPage('first-flows', 'unix', async (lab, hv1) => {
  guest1 = await addGuest(lab, hv1, 'guest1', { addresses: [`${ONE}/24`] });
  const guest2 = await addGuest(lab, hv1, 'guest2', { addresses: [`${OTHER}/24`] });
  // Each knows the other's MAC already: nothing but the pings is on the wire.
  await knows(guest1, OTHER, await macOf(guest2));
  await knows(guest2, ONE, await macOf(guest1));
});

beforeAll(async () => {
  opened = await open();
});

afterAll(close, 60_000);

test('10 and then 15 pings: the counter on the page is that of ovs-ofctl, to the packet and the byte', async () => {
  const row = tableMissRow();
  expect(await row.count()).toBe(1);
  const begin = (await tableMiss()).packets;
  for (const [count, sum] of [
    [10, 20],
    [15, 50],
  ] as const) {
    expect((await ping(guest1, OTHER, { count })).received).toBe(count);
    await until('the switch has counted them', async () => (await tableMiss()).packets === begin + sum);
    await shows(begin + sum);
  }
  const dumped = await tableMiss();
  expect(await numberIn(row, 'packets')).toBe(dumped.packets);
  expect(await numberIn(row, 'bytes')).toBe(Number(/n_bytes=(\d+)/.exec(dumped.text)?.[1]));
  expect(await row.locator('[data-field="app"]').innerText()).toBe('table-miss');
  expect(opened.complaints).toEqual([]);
});

test('every flow of the switch stands on the page with the same counter', async () => {
  await until('page and switch agree', async () => {
    const { page, dump } = await counters(opened);
    expect(page).toEqual(dump);
    return true;
  });
});

test('what somebody else adds is marked foreign, and goes when it is taken away', async () => {
  await ofctl(opened.hv1, 'add-flow', 'br0', 'table=240,priority=77,udp,tp_dst=4242,actions=drop');
  const row = opened.page.locator('tr.foreign');
  await row.waitFor();
  expect(await row.innerText()).toContain('tp_dst=4242');
  expect(await numberIn(row, 'priority')).toBe(77);
  await ofctl(opened.hv1, '--strict', 'del-flows', 'br0', 'table=240,priority=77,udp,tp_dst=4242');
  await row.waitFor({ state: 'detached' });
});

test('Flowloom restarts: the page says so, comes back by itself, and the counters ran on', async () => {
  const begin = (await tableMiss()).packets;
  await stopFlowloom(opened.flowloom);
  await opened.page.locator('[data-connection="lost"]').waitFor();
  expect((await ping(guest1, OTHER, { count: 5 })).received).toBe(5);
  await startAgain(opened.flowloom);
  await opened.page.locator('[data-connection="live"]').waitFor();
  await shows(begin + 10);
  expect((await tableMiss()).packets).toBe(begin + 10);
});

async function knows(guest: Namespace, address: string, mac: string): Promise<void> {
  await inside(guest, ['ip', 'neighbour', 'replace', address, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent']);
}

async function tableMiss(): Promise<DumpedFlow> {
  const found = (await dumpFlows(opened.hv1, 'br0')).find((one) => one.priority === 0 && one.actions === 'NORMAL');
  if (found === undefined) throw new Error('there is no table-miss flow');
  return found;
}

function tableMissRow() {
  const normal = opened.page.locator('[data-field="actions"][data-value="NORMAL"]');
  return opened.page.locator('[data-flow-id]').filter({ has: normal });
}

/** Waits until the page has exactly so many packets for the table-miss flow. */
async function shows(packets: number): Promise<void> {
  await tableMissRow().locator(`[data-field="packets"][data-value="${packets}"]`).waitFor();
}
