// Fills one replica in a process of its own and tells what it took: `node --expose-gc ovsdb-sync-once.ts TARGET`.
import { vswitch } from '../../proto/ovsdb/index.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica } from '../../src/ovsdb/replica/replica.ts';

const client = await connectOvsdb(process.argv[2] ?? '');
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const replica = createReplica(vswitch);
await replica.follow(client);
globalThis.gc?.();
const { heapUsed, rss } = process.memoryUsage();
const rows = Object.values(replica.snapshot()).reduce((sum, table) => sum + table.size, 0);
process.stdout.write(JSON.stringify({ rows, heap: heapUsed - before, rss }));
client.close();
