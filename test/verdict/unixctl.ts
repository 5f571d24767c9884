/** A client of Open vSwitch's control socket (unixctl: JSON-RPC 1.0, what ovs-appctl speaks), without a process per call. */

import { connect } from 'node:net';
import { createFramer } from '../../src/ovsdb/client/framer.ts';

export interface Unixctl {
  /** What the command printed. Rejects with what the daemon says where it refuses. */
  call(command: string, ...words: string[]): Promise<string>;
  close(): void;
}

interface Reply {
  id: number;
  result: string | null;
  error: string | null;
}

const CLOSED = 'the control socket was closed';

/** `path`: the daemon's control socket. */
export async function openUnixctl(path: string): Promise<Unixctl> {
  const socket = connect(path);
  const waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  let next = 0;
  const framer = createFramer((json) => {
    const { id, result, error } = json as unknown as Reply;
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === null) asker?.resolve(result ?? '');
    else asker?.reject(new Error(error.trim()));
  });
  socket.on('data', (chunk) => framer.push(chunk));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error(CLOSED));
    waiting.clear();
  });
  return {
    call(command, ...words) {
      return new Promise((resolve, reject) => {
        const id = next++;
        if (socket.destroyed) {
          reject(new Error(CLOSED));
          return;
        }
        waiting.set(id, { resolve, reject });
        socket.write(JSON.stringify({ id, method: command, params: words }));
      });
    },
    close: () => socket.destroy(),
  };
}
