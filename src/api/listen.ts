/** The address that the API listens on, `HOST:PORT`, and whether only this machine can reach it. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Listen {
  host: string;
  port: number;
  /** Only processes of this machine reach it. */
  loopback: boolean;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`; port 0 lets the system choose one. Throws with what to mend. */
export function parseListen(text: string): Listen {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim());
  const host = parts?.[1] ?? parts?.[2] ?? '';
  const port = Number(parts?.[3] ?? Number.NaN);
  if (parts === null || host === '' || !(port <= 65535)) {
    throw new Error(
      `http address "${text}" is not HOST:PORT; write for example 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080`,
    );
  }
  if (parts[1] !== undefined && !isIPv6(host)) {
    throw new Error(
      `http address "${text}": "${host}" is not an IPv6 address; brackets are for IPv6, as in [::1]:8080`,
    );
  }
  return { host, port, loopback: isLoopback(host) };
}

/** The address, or an Error with what to mend: beyond this machine the API wants a token. */
export function checkListen(text: string, token: string | undefined): Listen {
  const listen = parseListen(text);
  if (!listen.loopback && (token === undefined || token === '')) {
    throw new Error(
      `http on ${text} can be reached from other machines and wants a token: set FLOWLOOM_TOKEN (for example to ` +
        'the output of "openssl rand -hex 24"), or listen on 127.0.0.1',
    );
  }
  return listen;
}

export function formatListen(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Names other than `localhost` may resolve to anything, so they do not count as loopback. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:/, '');
  return plain === 'localhost' || plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}
