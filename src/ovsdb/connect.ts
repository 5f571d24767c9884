/** Opens one OVSDB connection, for programs that want a client and nothing else. */
import { dial } from '../transport/dial.ts';
import { parseActiveTarget } from '../transport/target.ts';
import { createClient, type OvsdbClient } from './client.ts';

export const defaultOvsdbPort = 6640;

/** Connects to `tcp:ADDR[:PORT]` or `unix:PATH`. */
export async function connectOvsdb(target: string, options: { timeout?: number } = {}): Promise<OvsdbClient> {
  const socket = await dial(parseActiveTarget(target, { defaultPort: defaultOvsdbPort }), {
    timeout: options.timeout ?? 10_000,
  });
  return createClient(socket);
}
