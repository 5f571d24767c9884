/** A real, unprivileged ovsdb-server (and, if asked for, ovs-vswitchd on its dummy datapath) in a temporary folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SOON } from './soon.ts';

const run = promisify(execFile);
const vswitchSchema = '/usr/share/openvswitch/vswitch.ovsschema';

export interface OvsdbServer {
  folder: string;
  /** `unix:…/db.sock`. */
  target: string;
  /** `tcp:127.0.0.1:PORT`. */
  tcpTarget: string;
  /** Runs ovs-vsctl on it and gives what it printed. */
  vsctl(...args: string[]): Promise<string>;
  /** A whole table as ovsdb-client prints it, columns by name, rows sorted. */
  dump(table: string, ...columns: string[]): Promise<string>;
  /** Runs ovs-appctl on ovsdb-server and gives what it printed. */
  appctl(...args: string[]): Promise<string>;
  /** Ends ovsdb-server; the database file stays. */
  kill(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same file and ports. */
  start(): Promise<void>;
  /** SIGSTOP and SIGCONT: a server that holds its connections and answers nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  startSwitch(): Promise<void>;
  stopSwitch(): Promise<void>;
  /** The same of the switch, when it has been started. */
  signalSwitch(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

export interface OvsdbServerOptions {
  /** A cluster of one: unlike a standalone server it remembers its last transactions, so that monitors resume. */
  clustered?: boolean;
  /** An .ovsschema file; default: Open vSwitch's own. */
  schema?: string;
  /** More of ovsdb-server's options. */
  args?: string[];
  /** What comes before `ovsdb-server` on the command line. */
  prefix?: string[];
}

export async function startOvsdbServer(options: OvsdbServerOptions = {}): Promise<OvsdbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'flowloom-ovsdb-'));
  const environment = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder };
  const socket = join(folder, 'db.sock');
  const target = `unix:${socket}`;
  const port = await freePort();
  let server: ChildProcess | undefined;
  let vswitchd: ChildProcess | undefined;
  const file = join(folder, 'conf.db');
  const schema = options.schema ?? vswitchSchema;
  if (options.clustered === true) {
    await run('ovsdb-tool', ['create-cluster', file, schema, `tcp:127.0.0.1:${await freePort()}`]);
  } else await run('ovsdb-tool', ['create', file, schema]);

  async function start(): Promise<void> {
    const managers = options.schema === undefined ? ['db:Open_vSwitch,Open_vSwitch,manager_options'] : [];
    const remotes = [`punix:${socket}`, `ptcp:${port}:127.0.0.1`, ...managers];
    const [program = '', ...before] = [...(options.prefix ?? []), 'ovsdb-server'];
    server = spawn(
      program,
      [
        ...before,
        file,
        ...remotes.map((remote) => `--remote=${remote}`),
        `--unixctl=${join(folder, 'db.ctl')}`,
        `--log-file=${join(folder, 'db.log')}`,
        '-vconsole:off',
        ...(options.args ?? []),
      ],
      { env: environment, stdio: 'ignore' },
    );
    await until(() => connects({ path: socket }), 'ovsdb-server', join(folder, 'db.log'));
    await until(() => connects({ port, host: '127.0.0.1' }), 'ovsdb-server', join(folder, 'db.log'));
  }

  async function vsctl(...args: string[]): Promise<string> {
    const wait = vswitchd === undefined ? ['--no-wait'] : ['--timeout=10'];
    return (await run('ovs-vsctl', [`--db=${target}`, ...wait, ...args], { env: environment })).stdout.trim();
  }

  async function stopSwitch(): Promise<void> {
    vswitchd?.kill('SIGCONT');
    if (vswitchd !== undefined) await end(vswitchd, 'SIGTERM');
    vswitchd = undefined;
  }

  await start();
  return {
    folder,
    target,
    tcpTarget: `tcp:127.0.0.1:${port}`,
    vsctl,
    start,
    stopSwitch,
    async dump(table, ...columns) {
      const { stdout } = await run('ovsdb-client', ['dump', '-f', 'json', target, 'Open_vSwitch', table, ...columns], {
        env: environment,
        maxBuffer: 256 * 1024 * 1024,
      });
      return stdout;
    },
    async appctl(...args) {
      return (await run('ovs-appctl', ['-t', join(folder, 'db.ctl'), ...args])).stdout.trim();
    },
    async kill(signal = 'SIGTERM') {
      if (server !== undefined) await end(server, signal);
      server = undefined;
    },
    signal: (signal) => server?.kill(signal),
    signalSwitch: (signal) => vswitchd?.kill(signal),
    async startSwitch() {
      await vsctl('init');
      vswitchd = spawn(
        'ovs-vswitchd',
        [
          target,
          '--enable-dummy=override',
          '--disable-system',
          `--unixctl=${join(folder, 'sw.ctl')}`,
          `--log-file=${join(folder, 'sw.log')}`,
          '-vconsole:off',
        ],
        { env: environment, stdio: 'ignore' },
      );
      await until(
        async () => (await run('ovs-appctl', ['-t', join(folder, 'sw.ctl'), 'version'])).stdout.includes('vswitchd'),
        'ovs-vswitchd',
        join(folder, 'sw.log'),
      );
    },
    async stop() {
      await stopSwitch();
      if (server !== undefined) {
        server.kill('SIGCONT');
        await end(server, 'SIGTERM');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const last = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(last);
}

/** Asks again until it is so; says what the log says where it never is. */
async function until(condition: () => Promise<boolean>, what: string, log: string): Promise<void> {
  const deadline = Date.now() + SOON.timeout;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come up:\n${await readFile(log, 'utf8').catch(() => '(no log)')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function connects(address: { path: string } | { port: number; host: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
