/** For tests of the command on a real Open vSwitch that has nothing yet: a database, a switch and a folder, new for each test. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach } from 'vitest';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';

const execute = promisify(execFile);

export interface BareSwitch {
  /** Where the test's files are. */
  readonly folder: string;
  readonly server: OvsdbServer;
  /** Run after the test, the last one first. */
  readonly cleanups: (() => unknown)[];
  ofctl(bridge: string, command: string, ...args: string[]): Promise<string>;
}

/** Called once in a test file; its members are those of the test that runs. */
export function useBareSwitch(name: string): BareSwitch {
  const cleanups: (() => unknown)[] = [];
  let folder = '';
  let server: OvsdbServer | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), `flowloom-${name}-`));
    const made = folder;
    cleanups.push(() => rmSync(made, { recursive: true, force: true }));
    const started = await startOvsdbServer();
    server = started;
    cleanups.push(() => started.stop());
    await started.startSwitch();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const runs = (): OvsdbServer => {
    if (server === undefined) throw new Error('no test runs');
    return server;
  };
  return {
    cleanups,
    get folder() {
      return folder;
    },
    get server() {
      return runs();
    },
    async ofctl(bridge, command, ...args) {
      const target = `unix:${join(runs().folder, `${bridge}.mgmt`)}`;
      const words = ['-O', 'OpenFlow14', command, target, ...args];
      return (await execute('ovs-ofctl', words, { maxBuffer: 64 << 20 })).stdout;
    },
  };
}
