/** Who may ask: the token, the Host header (against DNS rebinding) and the Origin (against other sites' pages). */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ApiError, apiError } from './errors.ts';
import { isLoopback, type Listen } from './listen.ts';

export interface Guard {
  /** Checked for every request, the page's included. */
  host(request: IncomingMessage): ApiError | undefined;
  /** Checked where data is given out; `queryToken` is what a WebSocket, which cannot set headers, has in its address. */
  token(request: IncomingMessage, queryToken?: string): ApiError | undefined;
  /** Checked for a WebSocket, to which the browser's same-origin rule does not apply. */
  origin(request: IncomingMessage): ApiError | undefined;
}

export function createGuard(listen: Listen, token: string | undefined): Guard {
  const expected = token === undefined ? undefined : digest(token);
  return {
    host(request) {
      // Beyond loopback the names are the operator's, and a foreign page does not know the token.
      if (!listen.loopback) return undefined;
      const name = hostName(request.headers.host);
      if (name !== undefined && isLoopback(name)) return undefined;
      return apiError(
        403,
        'foreign-host',
        `the Host header "${request.headers.host ?? ''}" does not name this machine's loopback`,
        'open it as http://127.0.0.1, http://localhost or http://[::1] with the port',
      );
    },
    token(request, queryToken) {
      if (expected === undefined) return undefined;
      const given = queryToken ?? /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (given !== undefined && timingSafeEqual(digest(given), expected)) return undefined;
      return apiError(
        401,
        'token-wanted',
        given === undefined ? 'a token is wanted' : 'the token is not the right one',
        'send "Authorization: Bearer TOKEN" (a WebSocket: ?token=TOKEN) with the token that Flowloom was started with',
      );
    },
    origin(request) {
      const origin = request.headers.origin;
      if (origin === undefined || originHost(origin) === request.headers.host?.toLowerCase()) return undefined;
      return apiError(403, 'foreign-origin', `pages of ${origin} may not read this stream`);
    },
  };
}

/** Both sides hashed, so that the comparison takes the same time whatever the length. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hostName(header: string | undefined): string | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header ?? '');
  return parts?.[1] ?? parts?.[2];
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
