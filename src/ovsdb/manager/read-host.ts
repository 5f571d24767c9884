/** One look into a host's database, over a connection that ends with it; nothing is written. */

import { dial } from '../../transport/dial.ts';
import { parseActiveTarget } from '../../transport/target.ts';
import type { TlsOptions } from '../../transport/tls.ts';
import { createClient } from '../client/client.ts';
import { defaultOvsdbPort } from '../client/connect.ts';
import { createReplica, type Snapshot } from '../replica/replica.ts';
import { type ManagedTables, managedTables } from './managed-tables.ts';

const PATIENCE_MS = 10_000;

export interface HostReading {
  snapshot: Snapshot<ManagedTables>;
  /** `Table` and `Table.column` that the host's schema lacks. */
  missing: ReadonlySet<string>;
  /** Our end of the connection; undefined: a Unix socket. */
  localAddress: string | undefined;
}

/** Rejects with why it could not be read. */
export async function readHost(target: string, tls?: TlsOptions, timeout = PATIENCE_MS): Promise<HostReading> {
  const socket = await dial(parseActiveTarget(target, { defaultPort: defaultOvsdbPort, tls: true }), { timeout, tls });
  const { localAddress } = socket;
  const client = createClient(socket);
  const replica = createReplica(managedTables);
  const timer = setTimeout(() => client.close(`no copy of the database within ${timeout / 1000} s`), timeout);
  try {
    await replica.follow(client);
    return { snapshot: replica.snapshot(), missing: replica.missing, localAddress };
  } finally {
    clearTimeout(timer);
    client.close('read');
  }
}
