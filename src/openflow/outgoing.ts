/**
 * What is sent to a switch: messages of one turn of the event loop, or of one chunk that is read, leave in one write.
 * What a switch does not read has a bound (docs/decisions/0007).
 */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { message as codec, type Message, type MessageBody } from '../../proto/openflow/message.ts';
import { Writer } from '../../proto/wire/writer.ts';

export interface Sending {
  /** Bytes of all messages that were given to `send` so far. */
  readonly written: number;
  /**
   * For messages that lie ready as bytes: room for so many at the end of what is to be sent, at the writer's `position`, which
   * the caller moves on; then it calls `wrote`. undefined: nothing is sent any more.
   */
  begin(length: number): Writer | undefined;
  wrote(length: number): void;
  /** Sends and returns the xid. */
  send(body: MessageBody, xid?: number): number;
}

export interface SendingLimits {
  /** Bytes that wait to be sent to a switch that does not read. */
  unsentBytes: number;
}

export interface Outgoing extends Sending {
  /** A chunk is being read: what is sent meanwhile leaves at its end. */
  reading: boolean;
  flush(): void;
  /** Gives the connection up where too much waits. */
  watch(): void;
  /** Nothing is sent after what waits. False: the switch does not read, and that is lost too. */
  end(): boolean;
}

/** Bytes of a writer at its start; and how many a writer may have that is kept for what comes. */
const FIRST_ROOM = 4096;
const KEPT_ROOM = 1 << 20;

export function createOutgoing(
  socket: Duplex,
  limits: Readonly<SendingLimits>,
  nextXid: () => number,
  close: (reason: string) => void,
): Outgoing {
  /** What was sent in this turn of the event loop. */
  let writer = new Writer(FIRST_ROOM);
  /** One whose bytes the socket has written, for the next turn. */
  let spare: Writer | undefined;
  /** One whose bytes waited after they were written: it is free when nothing waits any more. */
  let lent: Writer | undefined;
  let flushing = false;
  let stalled = false;
  let ended = false;

  /** Messages of one turn of the event loop leave in one write: each waiting write would cost more than most messages. */
  function flushSoon(): void {
    const { reading } = outgoing;
    if (reading && writer.position < KEPT_ROOM) return;
    if (!flushing && !reading) {
      flushing = true;
      setImmediate(() => {
        flushing = false;
        if (!ended) flush();
      });
    }
    watch();
  }

  function watch(): void {
    const unsent = socket.writableLength + writer.position;
    if (unsent <= limits.unsentBytes || stalled) return;
    // Not within a call of send, whose caller expects no end of the connection in it.
    stalled = true;
    setImmediate(() => close(`the switch does not read: ${unsent} bytes wait to be sent`));
  }

  function flush(): void {
    if (writer.position === 0) return;
    const full = writer;
    if (!(socket instanceof Socket)) {
      // Not every stream is done with what it has called written; and some answer within the write.
      const bytes = full.finish().slice();
      full.position = 0;
      socket.write(bytes);
      return;
    }
    // What waited has gone, and its writer is free.
    if (socket.writableLength === 0 && lent !== undefined) {
      lent.position = 0;
      spare = lent;
      lent = undefined;
    }
    // Without a callback, which Node would call in a turn of its own.
    socket.write(full.finish());
    const isKept = full.buffer.length <= KEPT_ROOM;
    // Most of the time the kernel has taken it already.
    if (isKept && socket.writableLength === 0) {
      full.position = 0;
      return;
    }
    if (isKept) lent = full;
    writer = spare ?? new Writer(FIRST_ROOM);
    spare = undefined;
  }

  const outgoing = {
    written: 0,
    reading: false,
    begin(length: number) {
      if (ended || stalled) return undefined;
      writer.room(length);
      return writer;
    },
    wrote(length: number) {
      outgoing.written += length;
      flushSoon();
    },
    send(body: MessageBody, xid = nextXid()) {
      if (ended || stalled) return xid;
      const start = writer.position;
      try {
        codec.encode(writer, { ...body, xid } as Message);
      } catch (error) {
        writer.position = start;
        throw error;
      }
      outgoing.written += writer.position - start;
      flushSoon();
      return xid;
    },
    flush,
    watch,
    end() {
      if (!stalled) flush();
      ended = true;
      return !stalled;
    },
  };
  return outgoing;
}
