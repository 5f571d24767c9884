/** The switch's end of an in-memory connection: what we sent, message by message, and a way to answer. */

import { type Duplex, duplexPair } from 'node:stream';
import { decodeMessage, encodeMessage, type Message, type MessageType } from '../../proto/openflow/message.ts';
import { createFramer } from '../../src/openflow/framer.ts';

export interface Peer {
  /** Our end, for createConnection or handshake. */
  ours: Duplex;
  send(message: Message): void;
  /** Several messages in one chunk. */
  sendJoined(...messages: Message[]): void;
  sendBytes(bytes: Uint8Array): void;
  /** The next message of one of these types; others before it are skipped. */
  next<T extends MessageType>(...types: T[]): Promise<Extract<Message, { type: T }>>;
  /** Resolves when our end was closed. */
  readonly closed: Promise<void>;
}

export function createPeer(): Peer {
  const [ours, theirs] = duplexPair();
  const received: Message[] = [];
  let wake = (): void => undefined;
  const framer = createFramer({
    frame(bytes) {
      received.push(decodeMessage(bytes.slice()));
      wake();
    },
    broken(fault) {
      throw new Error(`we sent garbage: ${fault.reason}`);
    },
  });
  theirs.on('end', () => theirs.end());
  theirs.on('data', (chunk: Uint8Array) => framer.push(chunk));
  const closed = new Promise<void>((resolve) => ours.on('close', resolve));
  const joined = (messages: Message[]) => Buffer.concat(messages.map(encodeMessage));
  return {
    ours,
    closed,
    send: (message) => void theirs.write(encodeMessage(message)),
    sendJoined: (...messages) => void theirs.write(joined(messages)),
    sendBytes: (bytes) => void theirs.write(bytes),
    async next(...types) {
      for (;;) {
        const message = received.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (types.includes(message.type as never)) return message as never;
      }
    },
  };
}
