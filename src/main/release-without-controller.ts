/** `flowloom release FILE` where no Flowloom runs: waits for the file's hosts and switches, as `run` does, and releases them. */

import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import type { ApiError } from '../api/errors.ts';
import type { OpenRelease } from '../cli/release.ts';
import { runController } from './controller.ts';

/** Open vSwitch dials at least every 8 s. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 300;

export const openRelease: OpenRelease = async (file, { openflow, ovsdb }, request) => {
  const controller = await runController({
    ...{
      file,
      openflow,
      ovsdb,
      http: 'none',
      state: undefined,
      apps: [],
      token: undefined,
      page: '',
      version: '',
      hold: true,
    },
    log: pino({ level: 'silent' }),
  });
  const { releaser } = controller;
  const end = Date.now() + PATIENCE_MS;
  return {
    async survey() {
      for (;;) {
        const seen = await releaser.survey(request);
        if (seen.unreachable.length === 0 || Date.now() > end) return seen;
        await setTimeout(LOOK_MS);
      }
    },
    async run() {
      try {
        return await releaser.run(request);
      } catch (error) {
        const { hint } = (error as Partial<ApiError>).apiError ?? {};
        throw hint === undefined ? error : new Error(`${(error as Error).message}; ${hint}`);
      }
    },
    close: () => controller.stop(),
  };
};
