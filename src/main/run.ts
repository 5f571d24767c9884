/** `flowloom run` as a process: its signals, the file that it watches, and its end. */

import type { Logger } from 'pino';
import type { Run } from '../cli/run.ts';
import { createLog } from '../telemetry/log.ts';
import { type Controller, runController } from './controller.ts';
import { resolveFlowloom } from './resolve-flowloom.ts';
import { UnusableError } from './unusable.ts';
import { PACKAGE_FOLDER, version } from './version.ts';
import { watchFiles } from './watch-files.ts';

export const run: Run = async (file, flags) => {
  resolveFlowloom();
  const log = openLog();
  const what = file ?? 'a learning switch for whatever connects';
  // By it SIGHUP finds the process behind a wrapper.
  log.info(`Flowloom ${version}, ${what}, process ${process.pid}`);
  let controller: Controller | undefined;
  // Before anything is awaited: a signal that nobody takes ends the process, and tells that it was killed.
  process.on('SIGHUP', () => void controller?.reload());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info(`${signal}: Flowloom ends; flows and configuration stay and forward`);
      if (controller === undefined) process.exit(0);
      void controller.stop().then(() => process.exit(0));
    });
  }
  controller = await runController({
    file,
    openflow: flags.openflow,
    ovsdb: flags.ovsdb,
    http: flags.http,
    apps: flags.app ?? [],
    state: flags.state,
    token: process.env.FLOWLOOM_TOKEN,
    page: `${PACKAGE_FOLDER}/apps/dashboard/web/dist`,
    version,
    log,
    released: (code) => void controller?.stop().then(() => process.exit(code)),
  });
  if (flags.watch === true) {
    const running = controller;
    watchFiles(running.files, () => void running.reload());
  }
};

function openLog(): Logger {
  try {
    return createLog();
  } catch (error) {
    throw new UnusableError((error as Error).message);
  }
}
