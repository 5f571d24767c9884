/** Who is at the other end of a socket, in words for logs and lists. A socket that has ended no longer knows: ask before. */
import type { Socket } from 'node:net';

/** `192.0.2.1:49152`, `[2001:db8::1]:49152`; a Unix socket has no address. */
export function peerAddress({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  if (remoteAddress === undefined) return 'a local socket';
  const address = plainAddress(remoteAddress);
  return `${address.includes(':') ? `[${address}]` : address}:${remotePort}`;
}

/** An IPv4 address as such, also where it came by a socket for IPv6 (`::ffff:192.0.2.1`). */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
