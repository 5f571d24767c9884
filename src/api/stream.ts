/** The WebSocket at /api/v1/stream: per reader and topic a snapshot, then deltas; a slow reader skips states. */
import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { flowDiffers } from './flow-differs.ts';
import { createRowBook, type RowBook } from './row-book.ts';
import type { RowTopic, SnapshotSource, StreamRows, Topic } from './snapshot.ts';

export interface Stream {
  /** Takes over an accepted WebSocket. */
  add(socket: WebSocket): void;
  /** Tells every reader why and waits until they are gone, a second at most. */
  close(): Promise<void>;
}

export interface StreamOptions {
  source: SnapshotSource;
  /** A reader that answers no ping for this long is gone. Milliseconds. */
  pingInterval: number;
  /** With more than this waiting to be sent to a reader, it is left out until it has caught up. Bytes. */
  highWater: number;
  maxReaders: number;
  failed(error: unknown): void;
}

interface Reader {
  socket: WebSocket;
  alive: boolean;
  /** Messages that it sent since the last ping. */
  messages: number;
  /** Topic → revision that it has; -1: nothing yet. */
  topics: Map<Topic, number>;
}

/** A reader has no reason to send more than this between two pings. */
const MAX_MESSAGES = 60;

const TOO_MANY: Refusal = { code: 1008, reason: 'too many messages; subscribe once, then listen' };

/** Why a message is not taken, with the WebSocket's close code (RFC 6455 §7.4.1). */
interface Refusal {
  code: number;
  reason: string;
}

const ROW_TOPICS = ['flows', 'rules', 'events', 'interfaces', 'routes', 'neighbours', 'leases'] as const;
const TOPICS = ['status', ...ROW_TOPICS] as const;

const subscribe = z.strictObject({ subscribe: z.array(z.enum(TOPICS)).max(TOPICS.length) });

/** What the readers of each list know. */
type Books = { [T in RowTopic]?: RowBook<T> };

export function createStream(options: StreamOptions): Stream {
  const { source } = options;
  const readers = new Set<Reader>();
  const status = { text: '', revision: 0 };
  const books: Books = {};
  let stopWatching: (() => void) | undefined;
  /** What the source is watched for. */
  let watched = '';

  const pinging = setInterval(() => {
    for (const reader of readers) {
      if (reader.alive) {
        reader.alive = false;
        reader.messages = 0;
        reader.socket.ping();
      } else {
        reader.socket.terminate();
      }
    }
  }, options.pingInterval);
  pinging.unref();

  function add(socket: WebSocket): void {
    if (readers.size >= options.maxReaders) {
      socket.close(1013, `already ${options.maxReaders} readers; close one, or try again later`);
      return;
    }
    const reader: Reader = { socket, alive: true, messages: 0, topics: new Map() };
    readers.add(reader);
    socket.on('pong', () => {
      reader.alive = true;
    });
    socket.on('message', (data, binary) => receive(reader, data, binary));
    // What ws refuses (too long, not UTF-8, bad frames) it closes itself, with the code that says so.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      readers.delete(reader);
      watchIfWanted();
    });
  }

  function receive(reader: Reader, data: RawData, binary: boolean): void {
    reader.messages += 1;
    const asked = reader.messages > MAX_MESSAGES ? TOO_MANY : readSubscription(data, binary);
    if ('reason' in asked) {
      refuse(reader, asked.code, asked.reason);
      return;
    }
    reader.topics = new Map(asked.topics.map((topic) => [topic, reader.topics.get(topic) ?? -1]));
    watchIfWanted();
    changed();
  }

  function refuse(reader: Reader, code: number, reason: string): void {
    reader.topics.clear();
    reader.socket.close(code, reason);
  }

  /** The source polls what is watched, so it must be told when nobody does any more. */
  function watchIfWanted(): void {
    const topics = [...new Set([...readers].flatMap((reader) => [...reader.topics.keys()]))].sort();
    if (topics.join() === watched) return;
    watched = topics.join();
    const stop = stopWatching;
    stopWatching = topics.length > 0 ? source.watch(changed, topics) : undefined;
    stop?.();
    for (const topic of ROW_TOPICS) if (!topics.includes(topic)) delete books[topic];
  }

  function changed(): void {
    try {
      const topics = new Set([...readers].flatMap((reader) => [...reader.topics.keys()]));
      for (const topic of ROW_TOPICS) if (topics.has(topic)) updateRows(topic);
      if (topics.has('status')) updateStatus();
    } catch (error) {
      options.failed(error);
      return;
    }
    for (const reader of readers) bringUpToDate(reader);
  }

  function updateRows<T extends RowTopic>(topic: T): void {
    const book = (books[topic] as RowBook<T> | undefined) ?? newBook(topic);
    book.update(rowsOf(source, topic));
  }

  function newBook<T extends RowTopic>(topic: T): RowBook<T> {
    const made = topic === 'flows' ? createRowBook('flows', { differs: flowDiffers }) : createRowBook(topic);
    Object.assign(books, { [topic]: made });
    return made as RowBook<T>;
  }

  function updateStatus(): void {
    const text = JSON.stringify({ topic: 'status', type: 'snapshot', data: source.status() });
    if (text === status.text) return;
    status.text = text;
    status.revision += 1;
  }

  /** Sends what the reader lacks; with its buffer full, nothing: the send that empties it calls again. */
  function bringUpToDate(reader: Reader): void {
    const { socket, topics } = reader;
    for (const [topic, known] of topics) {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > options.highWater) return;
      const book = topic === 'status' ? undefined : books[topic];
      const revision = topic === 'status' ? status.revision : (book?.revision ?? -1);
      if (known === revision) continue;
      const message = topic === 'status' ? status.text : book?.messageSince(known);
      topics.set(topic, revision);
      if (message !== undefined) socket.send(message, () => bringUpToDate(reader));
    }
  }

  async function close(): Promise<void> {
    clearInterval(pinging);
    const gone = [...readers].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    for (const reader of readers) refuse(reader, 1001, 'Flowloom is stopping');
    watchIfWanted();
    const giveUp = setTimeout(() => {
      for (const reader of readers) reader.socket.terminate();
    }, 1_000);
    await Promise.all(gone);
    clearTimeout(giveUp);
  }

  return { add, close };
}

function rowsOf<T extends RowTopic>(source: SnapshotSource, topic: T): readonly StreamRows[T][] {
  const rows: { [Name in RowTopic]: () => readonly StreamRows[Name][] } = {
    flows: () => source.flows(),
    rules: () => source.rules(),
    events: () => source.events(),
    interfaces: () => source.published('interfaces'),
    routes: () => source.published('routes'),
    neighbours: () => source.published('neighbours'),
    leases: () => source.published('leases'),
  };
  return rows[topic]();
}

function readSubscription(data: RawData, binary: boolean): { topics: Topic[] } | Refusal {
  if (binary) return { code: 1003, reason: 'send text: {"subscribe": ["status", "flows"]}' };
  let message: unknown;
  try {
    message = JSON.parse(data.toString());
  } catch {
    return { code: 1007, reason: 'that was not JSON; send {"subscribe": ["status", "flows"]}' };
  }
  const asked = subscribe.safeParse(message);
  return asked.success
    ? { topics: asked.data.subscribe }
    : { code: 1008, reason: `send {"subscribe": […]} with topics of ${TOPICS.join(', ')}` };
}
