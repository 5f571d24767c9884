/** An address with ports as people write it: `10.88.88.66:5000-5010`, `[2001:db8::1]:80`, `edge/net:53`. */

import { ipText, parseIp } from '../../../proto/wire/prefix.ts';
import type { Ports } from '../model.ts';

export interface Endpoint {
  /** An address in its one form, or `ROUTER/INTERFACE`. */
  address: string;
  isInterface: boolean;
  ports: Ports | undefined;
}

const ENDPOINT = /^(?:\[(?<six>[^[\]]+)\]|(?<place>[^/:\s[\]]+\/[^/:\s[\]]+)|(?<four>[0-9.]+))(?::(?<ports>.+))?$/;
const PORTS = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/;
const LAST_PORT = 65_535;

/** undefined: it is none. Ranges may be upside down. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const bare = parseIp(text);
  if (bare !== undefined) return { address: ipText(bare), isInterface: false, ports: undefined };
  const { six, place, four, ports: written } = ENDPOINT.exec(text)?.groups ?? {};
  const ports = written === undefined ? undefined : parsePorts(written);
  if (written !== undefined && ports === undefined) return undefined;
  if (place !== undefined) return { address: place, isInterface: true, ports };
  const address = parseIp(six ?? four ?? '');
  if (address === undefined || (address.family === 6) !== (six !== undefined)) return undefined;
  return { address: ipText(address), isInterface: false, ports };
}

/** `80` or `80-90`. */
export function parsePorts(text: string): Ports | undefined {
  const [, first, last = first] = PORTS.exec(text) ?? [];
  if (first === undefined || Number(first) > LAST_PORT || Number(last) > LAST_PORT) return undefined;
  return [Number(first), Number(last)];
}

export function portsText([first, last]: Ports): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

export function countOf([first, last]: Ports): number {
  return last - first + 1;
}
