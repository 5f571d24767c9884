/** The dashboard's built files, read once at the start and served from memory, under a strict Content-Security-Policy. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Everything from ourselves, nothing inline, in nobody's frame. `self` covers the WebSocket. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS: Record<string, string> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
};

export interface PageFile {
  body: Buffer;
  type: string;
  etag: string;
  /** Its name holds a hash of what is in it, so it never changes. */
  immutable: boolean;
}

/** URL path → file; empty where the folder is missing or holds no index.html. */
export function readPage(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const path of filesBelow(folder)) {
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    const type = CONTENT_TYPES[extname(path)];
    if (type === undefined) continue;
    const body = readFileSync(path);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
    files.set(url, { body, type, etag, immutable: /^\/assets\/.+-[\w-]{8}\.\w+$/.test(url) });
  }
  const index = files.get('/index.html');
  if (index === undefined) return new Map();
  files.set('/', index);
  return files;
}

export function servePage(server: FastifyInstance, files: Map<string, PageFile>, folder: string): void {
  if (files.size === 0) {
    server.get('/', (_request, reply) =>
      reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send(
          `Flowloom is running, but its dashboard is not built: ${folder} holds no index.html.\n` +
            'Build it with "npm run build" in Flowloom\'s folder, then start Flowloom again.\n' +
            'The API works without it: /api/v1/openapi.json lists what there is.\n',
        ),
    );
    return;
  }
  for (const [url, file] of files) {
    server.get(url, (request, reply) => {
      reply.headers({
        ...PAGE_HEADERS,
        etag: file.etag,
        'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
      if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
      return reply.type(file.type).send(file.body);
    });
  }
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}
