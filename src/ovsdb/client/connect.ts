/** Opens one OVSDB connection, for programs that want a client and nothing else. */
import { dial } from '../../transport/dial.ts';
import { watchInactivity } from '../../transport/keepalive.ts';
import { type ActiveTarget, formatTarget, parseActiveTarget } from '../../transport/target.ts';
import type { TlsOptions } from '../../transport/tls.ts';
import { type ClientOptions, createClient, type OvsdbClient } from './client.ts';
import { checkServer, type ServerDemands } from './server-state.ts';

export const defaultOvsdbPort = 6640;

export interface ConnectOvsdbOptions extends ServerDemands, Pick<ClientOptions, 'limits'> {
  /** For each target, until its server has answered; in milliseconds, default 10,000. */
  timeout?: number | undefined;
  /** Keys and certificates for `ssl:`. */
  tls?: TlsOptions | undefined;
  /** A server that is silent so long is probed, and given up after as long again; default 5,000. 0: never. */
  probeInterval?: number | undefined;
  /** Gives up when aborted. */
  signal?: AbortSignal | undefined;
}

/**
 * Connects to `tcp:ADDR[:PORT]`, `ssl:ADDR[:PORT]` or `unix:PATH`; of several the first that answers and is fit.
 * Of a clustered database only the leader is (`leaderOnly: false`: any server that has not lost its cluster).
 * It looks once: `keepOvsdb` goes on looking, and comes back when the connection ends.
 */
export async function connectOvsdb(
  target: string | readonly string[],
  options: ConnectOvsdbOptions = {},
): Promise<OvsdbClient> {
  const failures: Error[] = [];
  for (const remote of parseRemotes(target)) {
    try {
      return await connectTo(remote, options);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failures.push(error);
    }
  }
  const [only] = failures;
  if (failures.length === 1 && only !== undefined) throw only;
  throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
}

/** Also as one text with commas, as ovs-vsctl takes them. */
export function parseRemotes(target: string | readonly string[]): ActiveTarget[] {
  const texts = typeof target === 'string' ? target.split(/,(?=(?:tcp|ssl|unix):)/) : target;
  if (texts.length === 0) throw new TypeError('no OVSDB server was named');
  return texts.map((text) => parseActiveTarget(text.trim(), { defaultPort: defaultOvsdbPort, tls: true }));
}

async function connectTo(target: ActiveTarget, options: ConnectOvsdbOptions): Promise<OvsdbClient> {
  const { timeout = 10_000, probeInterval, signal, tls, limits } = options;
  const socket = await dial(target, { timeout, signal, tls });
  const client = createClient(socket, { limits });
  watchInactivity(socket, client, probeInterval === undefined ? {} : { probeInterval });
  const giveUp = (reason: string) => client.close(reason);
  const timer = setTimeout(giveUp, timeout, `no answer within ${timeout} ms`);
  const abort = () => giveUp('given up');
  signal?.addEventListener('abort', abort);
  try {
    await checkServer(client, options);
    return client;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    client.close(reason);
    throw new Error(`${formatTarget(target)}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
