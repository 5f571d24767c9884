/** The dashboard of a lab's running Flowloom, opened in the browser from outside the lab's namespaces. */
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startControl } from '../lab/support/control.ts';
import { type Flowloom, startFlowloom } from '../lab/support/flowloom.ts';
import { dumpFlows } from '../lab/support/flows.ts';
import { type OpenVSwitch, type Reach, startHost } from '../lab/support/host.ts';
import { type Lab, openLab } from '../lab/support/lab.ts';
import { closeRecord, openRecord } from '../lab/support/record.ts';
import { complaintsOf, numberIn, startBrowser } from './browser.ts';
import { builtPage } from './built-page.ts';

export interface LabPage {
  lab: Lab;
  hv1: OpenVSwitch;
  flowloom: Flowloom;
  page: Page;
  complaints: string[];
}

/** One host, hv1, with the file of the lab `name`. `close` takes down whatever had come up, also after a failed start. */
export function labPage(name: string, reach: Reach, guests: (lab: Lab, hv1: OpenVSwitch) => Promise<void>) {
  const closing: (() => Promise<void>)[] = [];
  return {
    async open(): Promise<LabPage> {
      await builtPage();
      const record = openRecord();
      closing.unshift(() => closeRecord(record));
      const lab = openLab(record, name, fileURLToPath(new URL(`../lab/${name}`, import.meta.url)));
      await startControl(lab);
      const hv1 = await startHost(lab, 'hv1', reach);
      await guests(lab, hv1);
      const flowloom = await startFlowloom(lab, ['hv1/br0']);
      const door = await openDoor(flowloom.socket);
      closing.unshift(door.close);
      const browser = await startBrowser();
      closing.unshift(browser.close);
      const page = await browser.context.newPage();
      const complaints = complaintsOf(page);
      await page.goto(`http://127.0.0.1:${door.port}/`);
      await page.locator('[data-flow-id]').first().waitFor();
      return { lab, hv1, flowloom, page, complaints };
    },
    async close(): Promise<void> {
      for (const one of closing.splice(0)) await one();
    },
  };
}

/** `table priority packets` of each flow, as the page has them and as the switch has them. */
export async function counters({ page, hv1 }: LabPage): Promise<{ page: string[]; dump: string[] }> {
  const dumped = await dumpFlows(hv1, 'br0');
  const rows = await page.locator('[data-flow-id]').all();
  const shown = await Promise.all(
    rows.map(async (row) => {
      const [, table] = ((await row.getAttribute('data-flow-id')) ?? '').split('/');
      return `${table} ${await numberIn(row, 'priority')} ${await numberIn(row, 'packets')}`;
    }),
  );
  const dump = dumped.map((one) => `${one.table} ${one.priority} ${one.packets}`);
  return { page: shown.toSorted(), dump: dump.toSorted() };
}

/** A port on this machine's loopback that leads to the lab's socket, and so to Flowloom in its namespace. */
async function openDoor(file: string): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((client) => {
    const inner = connect(file);
    client.pipe(inner).pipe(client);
    client.on('error', () => inner.destroy()).on('close', () => inner.destroy());
    inner.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the door has no port');
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
