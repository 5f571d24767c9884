/** `flowloom run` as a process: its signals, the file that it watches, and its end. */

import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Run } from '../cli/run.ts';
import { createLog } from '../telemetry/log.ts';
import { type Controller, runController } from './controller.ts';
import { findUpwards } from './find-upwards.ts';
import { resolveFlowloom } from './resolve-flowloom.ts';

const packageFile = findUpwards('package.json');
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

export const run: Run = async (file, flags) => {
  resolveFlowloom();
  const log = createLog();
  log.info(`Flowloom ${version}${file === undefined ? ', a learning switch for whatever connects' : `, ${file}`}`);
  let controller: Controller | undefined;
  // Before anything is awaited: a SIGHUP that nobody takes ends the process.
  process.on('SIGHUP', () => void controller?.reload());
  controller = await runController({
    file,
    openflow: flags.openflow,
    ovsdb: flags.ovsdb,
    http: flags.http,
    apps: flags.app,
    state: flags.state,
    token: process.env.FLOWLOOM_TOKEN,
    page: `${dirname(packageFile)}/apps/dashboard/web/dist`,
    version,
    log,
  });
  if (flags.watch === true && file !== undefined) watchFile(file, () => void controller?.reload());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info(`${signal}: Flowloom ends; flows and configuration stay and forward`);
      void controller?.stop().then(() => process.exit(0));
    });
  }
};

/** The folder is watched, not the file: editors replace it. Half a second of quiet is one change. */
function watchFile(file: string, changed: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  watch(dirname(file), (_event, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, 500);
  });
}
