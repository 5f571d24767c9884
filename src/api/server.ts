/** The HTTP server: REST under /api/v1, the WebSocket stream, health, and the dashboard's page. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { type ApiError, apiError, errorAnswer, errorBody } from './errors.ts';
import { createGuard, type Guard } from './guard.ts';
import { checkListen, formatListen, type Listen } from './listen.ts';
import { checkNamed } from './named.ts';
import { openApi } from './openapi.ts';
import { readPage, servePage } from './page.ts';
import { awaited } from './ready.ts';
import { type ApiSource, checkQuery, type Route } from './route.ts';
import { routes } from './routes.ts';
import type { SnapshotSource } from './snapshot.ts';
import { createStream, type Stream } from './stream.ts';

export interface ApiOptions {
  /** `HOST:PORT`; port 0 lets the system choose. */
  listen: string;
  /** Wanted from every client where given; must be given where others than this machine can reach it. */
  token: string | undefined;
  source: ApiSource;
  /** Folder of the built page. */
  page: string;
  log: Logger;
  /** For tests: the stream's limits. */
  stream?: { pingInterval?: number; highWater?: number; maxReaders?: number };
}

export interface Api {
  /** `HOST:PORT` that it listens on. */
  address: string;
  close(): Promise<void>;
}

const STREAM_PATH = '/api/v1/stream';
/** A subscription is some 40 bytes. */
const MAX_STREAM_MESSAGE = 4096;

export async function startApi(options: ApiOptions): Promise<Api> {
  const { source, log } = options;
  const token = options.token === '' ? undefined : options.token;
  const listen = checkListen(options.listen, token);
  const guard = createGuard(listen, token);
  const page = readPage(options.page);
  const server = createServer(log);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const refused = guard.host(request.raw);
    if (refused !== undefined) throw refused;
  });
  addHealth(server, source, guard);
  addRest(server, source, guard);
  servePage(server, page, options.page);

  const stream = createStream({
    source,
    pingInterval: 15_000,
    highWater: 1_000_000,
    maxReaders: 100,
    failed: (error) => log.error({ err: error }, 'the stream could not read the state; its readers keep the last one'),
    ...options.stream,
  });
  acceptStream(server, stream, guard, log);

  const port = await bind(server, listen, options.listen);
  if (page.size === 0) log.warn(`the dashboard is not built: ${options.page} has no index.html; run "npm run build"`);
  return {
    address: formatListen(listen.host, port),
    async close() {
      await stream.close();
      await server.close();
    },
  };
}

function createServer(log: Logger): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    frameworkErrors(error, _request, reply: FastifyReply) {
      reply.code(400).send(errorBody('bad-request', error.message));
    },
  });
  server.setErrorHandler((error, request, reply) => {
    const { status, body, unexpected } = errorAnswer(error);
    if (unexpected) log.error({ err: error }, `http: ${request.method} ${request.url.split('?')[0]} failed`);
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(status).send(body);
  });
  server.setNotFoundHandler((request) => {
    const path = request.url.split('?')[0] ?? '';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw apiError(405, 'not-served', `${request.method} is not served at ${path}`, 'see /api/v1/openapi.json');
    }
    throw apiError(404, 'not-found', `there is nothing at ${path}`, 'see /api/v1/openapi.json');
  });
  return server;
}

function addHealth(server: FastifyInstance, source: SnapshotSource, guard: Guard): void {
  server.get('/healthz', () => ({ alive: true }));
  server.get('/readyz', (request, reply) => {
    const waiting = awaited(source.status());
    // Probes carry no token; without it only yes or no is told.
    const told = guard.token(request.raw) === undefined ? waiting : [];
    return reply.code(waiting.length === 0 ? 200 : 503).send({ ready: waiting.length === 0, awaited: told });
  });
}

function addRest(server: FastifyInstance, source: ApiSource, guard: Guard): void {
  server.register(async (api) => {
    api.addHook('onRequest', async (request) => {
      const refused = guard.token(request.raw);
      if (refused !== undefined) throw refused;
    });
    for (const route of routes) {
      addRoute(api, route, source, guard);
    }
    api.get('/api/v1/openapi.json', () => openApi(source.status().version));
    api.get(STREAM_PATH, (_request, reply) => {
      reply.code(426).header('upgrade', 'websocket');
      return errorBody('websocket-only', `${STREAM_PATH} is a WebSocket`, 'connect with ws:// instead of http://');
    });
  });
}

function addRoute(api: FastifyInstance, route: Route, source: ApiSource, guard: Guard): void {
  const path = `/api/v1${route.path}`;
  const handler = async (request: FastifyRequest) => {
    const query = checkQuery(route, request.query as Record<string, unknown>);
    const parameters = request.params as Record<string, string>;
    const asked = { parameters, query, body: request.body };
    const kinds = typeof route.reads === 'function' ? route.reads(asked) : route.reads;
    const { dpid } = checkNamed(source, asked);
    if (kinds !== undefined) await source.fresh({ kinds, dpid });
    return route.answer(source, asked);
  };
  if (route.body === undefined) {
    api.get(path, handler);
    return;
  }
  const onRequest = async ({ raw, headers }: FastifyRequest) => {
    // A page of another site can send a form or plain text without asking, but no JSON.
    const refused = guard.origin(raw) ?? (isJson(headers['content-type']) ? undefined : wantsJson(path));
    if (refused !== undefined) throw refused;
  };
  const onResponse = async (_request: FastifyRequest, reply: FastifyReply) => {
    if (reply.statusCode === 200) route.answered?.(source);
  };
  api.post(path, { bodyLimit: route.body.largest, onRequest, onResponse }, handler);
}

function isJson(type: string | undefined): boolean {
  return /^application\/json *(;|$)/i.test(type ?? '');
}

function wantsJson(path: string): ApiError {
  return apiError(415, 'json-wanted', `${path} takes JSON`, 'send it with "content-type: application/json"');
}

function acceptStream(server: FastifyInstance, stream: Stream, guard: Guard, log: Logger): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_STREAM_MESSAGE, perMessageDeflate: false });
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [path, query] = (request.url ?? '/').split('?', 2);
    const refused =
      guard.host(request) ??
      guard.origin(request) ??
      guard.token(request, new URLSearchParams(query).get('token') ?? undefined) ??
      (path === STREAM_PATH ? undefined : apiError(404, 'not-found', `the WebSocket is at ${STREAM_PATH}`));
    if (refused === undefined) {
      sockets.handleUpgrade(request, socket, head, (accepted) => stream.add(accepted));
      return;
    }
    log.debug(`http: a WebSocket was refused: ${refused.message}`);
    const { status, body } = errorAnswer(refused);
    const text = JSON.stringify(body);
    socket.on('error', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  });
}

async function bind(server: FastifyInstance, listen: Listen, given: string): Promise<number> {
  try {
    await server.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    await server.close();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why =
      code === 'EADDRINUSE'
        ? 'something else listens there; stop it or choose another with --http HOST:PORT'
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? 'this machine has no such address'
          : code === 'EACCES'
            ? 'ports below 1024 are for root; choose a higher one'
            : String(error);
    throw new Error(`cannot listen for http on ${given}: ${why}`, { cause: error });
  }
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? address.port : listen.port;
}
