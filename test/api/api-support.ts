/** Starts the real API on loopback for a test, and closes it after. */
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Api, type ApiOptions, startApi } from '../../src/api/server.ts';
import type { StreamMessage } from '../../src/api/snapshot.ts';
import { type SampleSource, sampleSource } from './sample-source.ts';

export const silent = pino({ level: 'silent' });

/** A folder that nobody has. */
const NO_PAGE = '/nowhere/flowloom-page';

export async function started(
  options: Partial<ApiOptions> = {},
): Promise<{ api: Api; url: string; source: SampleSource }> {
  const source = sampleSource();
  const api = await startApi({
    listen: '127.0.0.1:0',
    token: undefined,
    source,
    page: NO_PAGE,
    log: silent,
    ...options,
  });
  onTestFinished(() => api.close());
  return { api, url: `http://${api.address}`, source };
}

export interface Client {
  socket: WebSocket;
  messages: StreamMessage[];
  /** The next message not yet taken. */
  next(): Promise<StreamMessage>;
  closed: Promise<{ code: number; reason: string }>;
}

export async function connected(address: string, path = '/api/v1/stream'): Promise<Client> {
  const socket = new WebSocket(`ws://${address}${path}`);
  onTestFinished(() => socket.terminate());
  const messages: StreamMessage[] = [];
  const waiting: ((message: StreamMessage) => void)[] = [];
  let taken = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as StreamMessage;
    messages.push(message);
    const wanted = waiting.shift();
    if (wanted !== undefined) {
      taken += 1;
      wanted(message);
    }
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    socket,
    messages,
    closed,
    next() {
      const message = messages[taken];
      if (message === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(message);
    },
  };
}
