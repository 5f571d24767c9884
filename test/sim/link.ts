/** The socket of a simulated switch: one read and one write for many messages, buffers that are used again. */

import { connect, type Socket } from 'node:net';
import { createFraming } from './framing.ts';
import { createSimulatedSwitch, type SimulatedSwitch, type SwitchOptions } from './simulated-switch.ts';

export type Target = { port: number; host: string } | { path: string };

export interface Link {
  readonly device: SimulatedSwitch;
  /** Why the connection has ended. */
  ended(): string | undefined;
  /**
   * Writes now. True: the bytes are gone; false: they wait in the socket, and the buffer is not the caller's any more.
   */
  send(bytes: Uint8Array): boolean;
  /** Writes a copy, at the end of the chunk that is being read. */
  write(bytes: Uint8Array): void;
  close(): void;
}

const READ = 256 << 10;
const FIRST_ROOM = 64 << 10;
/** What a chunk brings is read before the next chunk of any socket comes: one buffer does for all. */
const chunk = Buffer.allocUnsafe(READ);
/** What is to be sent by the end of the chunk. */
let outbox = Buffer.allocUnsafe(FIRST_ROOM);
let filled = 0;

/** `endOfChunk`: when all messages of a chunk were received. Resolves when the connection stands. */
export function connectSwitch(
  target: Target,
  options: Omit<SwitchOptions, 'write'> & { endOfChunk?(): void },
): Promise<Link> {
  return new Promise((resolve, reject) => {
    let reason: string | undefined;
    let within = false;
    const socket: Socket = connect({
      ...target,
      noDelay: true,
      onread: {
        buffer: chunk,
        callback(length, bytes) {
          within = true;
          try {
            framing.push(bytes as Buffer, length);
            device.endOfChunk();
            options.endOfChunk?.();
          } catch (error) {
            end(`${(error as Error).message}`);
          }
          within = false;
          flush();
          return true;
        },
      },
    });
    const device = createSimulatedSwitch({ ...options, write });
    const framing = createFraming(device.receive);

    function end(why: string): void {
      reason ??= why;
      socket.destroy();
    }

    function write(bytes: Uint8Array): void {
      if (filled + bytes.length > outbox.length) {
        const larger = Buffer.allocUnsafe(2 * (filled + bytes.length));
        larger.set(outbox.subarray(0, filled));
        outbox = larger;
      }
      outbox.set(bytes, filled);
      filled += bytes.length;
      if (!within) flush();
    }

    function flush(): void {
      if (filled === 0) return;
      const bytes = outbox.subarray(0, filled);
      filled = 0;
      if (!send(bytes)) outbox = Buffer.allocUnsafe(FIRST_ROOM);
    }

    function send(bytes: Uint8Array): boolean {
      if (reason !== undefined) return true;
      socket.write(bytes);
      return socket.writableLength === 0;
    }

    socket.on('error', (error) => {
      reason ??= error.message;
      reject(error);
    });
    socket.on('close', () => {
      reason ??= 'the controller closed it';
    });
    socket.on('connect', () => {
      device.hello();
      resolve({ device, ended: () => reason, send, write, close: () => end('closed by us') });
    });
  });
}
