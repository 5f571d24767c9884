/** `flowloom run [FILE]`: the controller. What it does is wired elsewhere; here is how it is asked for. */

import type { Command } from 'commander';

export interface RunFlags {
  openflow: string;
  ovsdb: string;
  http: string;
  app?: string[];
  state?: string;
  watch?: boolean;
}

export type Run = (file: string | undefined, flags: RunFlags) => Promise<void>;

export function addRun(program: Command, run: Run): void {
  program
    .command('run')
    .description('run the controller; without FILE it is a learning switch for whatever connects')
    .argument('[FILE]', 'the network; it is applied and kept so')
    .option('--openflow <target>', 'where switches connect, ptcp:PORT[:ADDRESS] or none', 'ptcp:6653')
    .option('--ovsdb <target>', 'where hosts dial in, ptcp:PORT[:ADDRESS] or none', 'ptcp:6640')
    .option('--http <address>', 'dashboard and API, HOST:PORT or none', '127.0.0.1:8080')
    .option(
      '--state <dir>',
      'folder for what outlives a restart: leases, counters, numbers that were handed out; without it: memory',
    )
    .option('--app <path>', 'an app beside those of the file; may be given several times', collect)
    .option('--watch', 'read FILE and the apps of a path again when they change (SIGHUP does so too)')
    .action(run);
}

const collect = (value: string, values: string[] = []) => [...values, value];
