/** Debian's Chromium, headless, with an empty profile; and what a page complained about. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

export async function startBrowser(options: BrowserContextOptions & { args?: string[] } = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'flowloom-browser-'));
  const { args = [], ...rest } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    viewport: { width: 1280, height: 800 },
    timezoneId: 'UTC',
    ...rest,
    args: [...FLAGS, ...args],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Errors, warnings and violations of the Content-Security-Policy that the page met. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

/** The row of one flow. */
export function rowOf(page: Page, id: string): Locator {
  return page.locator(`[data-flow-id=${JSON.stringify(id)}]`);
}

/** The exact number that a row holds in one field. */
export async function numberIn(row: Locator, field: string): Promise<number> {
  return Number(await row.locator(`[data-field="${field}"]`).getAttribute('data-value'));
}

/** The ids of the rows in the document, from the top. */
export function idsOf(page: Page): Promise<string[]> {
  return page
    .locator('[data-flow-id]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-flow-id') ?? ''));
}
