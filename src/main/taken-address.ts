/** Where a port is taken: the words with the option that chooses another. */

import { SocketError } from '../transport/socket-error.ts';

/** `instead`: `--openflow ptcp:PORT`. */
export async function sayingInstead<T>(instead: string, listening: Promise<T>): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    if (!(error instanceof SocketError) || error.code !== 'EADDRINUSE') throw error;
    throw new Error(`${error.message} with ${instead}`, { cause: error });
  }
}
