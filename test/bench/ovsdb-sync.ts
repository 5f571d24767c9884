// How long the first copy of a large database takes, beside `ovsdb-client dump` of the same server and beside reading it bare.
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { type Json, vswitch } from '../../proto/ovsdb/index.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { type Figure, figure } from './measure.ts';

const run = promisify(execFile);
const room = { maxBuffer: 1024 * 1024 * 1024 };
const fill = new URL('../ovsdb/write-rows.ts', import.meta.url).pathname;
const once = new URL('ovsdb-sync-once.ts', import.meta.url).pathname;

export interface SyncResult {
  /** By the clock: the server's work is part of it. */
  figures: Figure[];
  rows: number;
  /** Bytes: the heap that the copy takes, and the whole process with it. */
  heap: number;
  rss: number;
}

export async function measureSync(ports: number, rounds: number): Promise<SyncResult> {
  const server = await startOvsdbServer();
  try {
    await run(process.execPath, [fill, server.target, 'ports', String(ports)]);
    const peers = {
      flowloom: () => replicate(server),
      'its own process': () => run(process.execPath, [once, server.target]),
      'bare socket': () => readBare(server),
      'ovsdb-client': () => run('ovsdb-client', ['dump', '-f', 'json', server.target, 'Open_vSwitch'], room),
    };
    const times = new Map(Object.keys(peers).map((name) => [name, [] as number[]]));
    for (let round = -1; round < rounds; round++) {
      for (const [name, work] of Object.entries(peers)) {
        const start = process.hrtime.bigint();
        await work();
        // The first round warms up, the server too.
        if (round >= 0) times.get(name)?.push(Number(process.hrtime.bigint() - start));
      }
    }
    const { stdout } = await run(process.execPath, ['--expose-gc', once, server.target]);
    return {
      figures: Array.from(times, ([name, each]) => figure(name, each)),
      ...(JSON.parse(stdout) as Omit<SyncResult, 'figures'>),
    };
  } finally {
    await server.stop();
  }
}

async function replicate(server: OvsdbServer): Promise<void> {
  const client = await connectOvsdb(server.target);
  await createReplica(vswitch).follow(client);
  client.close();
}

/** The least that a client in Node can do: the same request, the answer's text parsed, nothing made of it. */
function readBare(server: OvsdbServer): Promise<Json> {
  const requests = Object.fromEntries(
    Object.entries(vswitch.tables).map(([table, columns]) => [table, [{ columns: Object.keys(columns) }]]),
  );
  return new Promise((resolve, reject) => {
    const socket = connect(server.target.slice('unix:'.length));
    const chunks: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // Nothing else ends with what ends an answer.
      if (!chunk.subarray(-13).toString().endsWith('"error":null}')) return;
      resolve(JSON.parse(Buffer.concat(chunks).toString()) as Json);
      socket.destroy();
    });
    const params = ['Open_vSwitch', 'bare', requests, '00000000-0000-0000-0000-000000000000'];
    socket.write(JSON.stringify({ method: 'monitor_cond_since', params, id: 1 }));
  });
}
