/** A real cluster of ovsdb-servers (RAFT) on loopback, each an unprivileged process in one temporary folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ovsdb-server.ts';
import { SOON } from './soon.ts';

const run = promisify(execFile);

export interface ClusterMember {
  /** `tcp:127.0.0.1:PORT`. */
  target: string;
  kill(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  appctl(...args: string[]): Promise<string>;
}

export interface OvsdbCluster {
  members: ClusterMember[];
  /** The member that says it is the leader; waits for one. */
  leader(): Promise<ClusterMember>;
  stop(): Promise<void>;
}

/** `schema` is an .ovsschema file for a database of the name given. */
export async function startOvsdbCluster(size: number, schema: string, database: string): Promise<OvsdbCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'flowloom-cluster-'));
  const members: ClusterMember[] = [];
  const raft: string[] = [];
  for (let number = 0; number < size; number++) {
    const address = `tcp:127.0.0.1:${await freePort()}`;
    const file = join(folder, `db${number}`);
    if (number === 0) await run('ovsdb-tool', ['create-cluster', file, schema, address]);
    else await run('ovsdb-tool', ['join-cluster', file, database, address, ...raft]);
    raft.push(address);
    const member = await createMember(folder, number);
    await member.start();
    members.push(member);
  }
  const status = (member: ClusterMember) => member.appctl('cluster/status', database).catch(() => '');

  async function wait(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + SOON.timeout;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`${what}:\n${await readFile(join(folder, 'db0.log'), 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  for (const member of members) {
    await wait('a member never joined', async () => /Status: cluster member/.test(await status(member)));
  }
  return {
    members,
    async leader() {
      let found: ClusterMember | undefined;
      await wait('nobody became the leader', async () => {
        for (const member of members) if (/Role: leader/.test(await status(member))) found = member;
        return found !== undefined;
      });
      return found!;
    },
    async stop() {
      for (const member of members) await member.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createMember(folder: string, number: number): Promise<ClusterMember> {
  const port = await freePort();
  const control = join(folder, `db${number}.ctl`);
  const appctl = async (...args: string[]) =>
    (await run('ovs-appctl', ['-T', '2', '-t', control, ...args])).stdout.trim();
  let child: ChildProcess | undefined;
  return {
    target: `tcp:127.0.0.1:${port}`,
    appctl,
    signal: (signal) => child?.kill(signal),
    async start() {
      const args = [`--remote=ptcp:${port}:127.0.0.1`, `--unixctl=${control}`, `--log-file=${folder}/db${number}.log`];
      child = spawn('ovsdb-server', [join(folder, `db${number}`), ...args, '-vconsole:off'], {
        env: { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder },
        stdio: 'ignore',
      });
      const deadline = Date.now() + SOON.timeout;
      while ((await appctl('version').catch(() => '')) === '') {
        if (Date.now() > deadline) throw new Error(`ovsdb-server ${number} did not come up`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill(signal = 'SIGKILL') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child?.once('exit', resolve));
      child.kill(signal);
      if (signal === 'SIGKILL') child.kill('SIGCONT');
      await exited;
    },
  };
}
