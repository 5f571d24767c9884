/**
 * A simulated switch on a socket of its own, for those who look at its packet-outs and flow-mods where they lie: one read
 * and one write for many messages, buffers that are used again.
 */

import { connect, type Socket } from 'node:net';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { createSimulatedSwitch } from '../../../src/sim/simulated-switch.ts';
import type { FlowEntry } from '../../../src/sim/table/flow-entry.ts';
import { outputsTo } from '../../../src/sim/table/references.ts';

export type Target = { port: number; host: string } | { path: string };

export interface LinkOptions {
  dpid: bigint;
  /** Ports 1 to so many. */
  ports: number;
  /** A flow-mod outside a bundle, as it lies in the chunk; true: it is seen to, and nothing remembers it. */
  flowMod(bytes: Buffer, at: number, length: number): boolean;
  packetOut(bytes: Buffer, at: number, length: number): void;
  /** The flows that it remembers have changed. */
  changed(): void;
  echoReplied(): void;
  /** When all messages of a chunk were received. */
  endOfChunk(): void;
}

export interface Link {
  /** Its flows; those that send to the controller, lowest priority first. */
  standing(): FlowEntry[];
  punts(): FlowEntry[];
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

/** Resolves when the connection stands. */
export function connectSwitch(target: Target, options: LinkOptions): Promise<Link> {
  const { dpid } = options;
  const device = createSimulatedSwitch({
    dpid,
    name: `sim${dpid}`,
    ports: Array.from({ length: options.ports }, (_, i) => ({ portNo: i + 1 })),
    clock: { now: () => performance.now() },
    transmit: () => undefined,
    flowChanged: () => options.changed(),
  });
  const standing = () => [...device.flows()];
  const punts = () => {
    const punting = standing().filter(({ instructions }) => outputsTo(instructions, RESERVED_PORTS.controller));
    return punting.toSorted((a, b) => a.priority - b.priority);
  };
  return new Promise((resolve, reject) => {
    let reason: string | undefined;
    let within = false;
    let receive: ((bytes: Uint8Array, length: number) => void) | undefined;
    const socket: Socket = connect({
      ...target,
      noDelay: true,
      onread: {
        buffer: chunk,
        callback(length, bytes) {
          within = true;
          receive?.(bytes, length);
          options.endOfChunk();
          within = false;
          flush();
          return true;
        },
      },
    });

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
      const connection = device.connect({
        write,
        end,
        hooks: {
          flowMod: (bytes, at, length) => options.flowMod(bytes as Buffer, at, length),
          packetOut(bytes, at, length) {
            options.packetOut(bytes as Buffer, at, length);
            return true;
          },
          echoReplied: options.echoReplied,
        },
      });
      receive = connection.receive;
      resolve({ standing, punts, ended: () => reason, send, write, close: () => end('closed by us') });
    });
  });
}
