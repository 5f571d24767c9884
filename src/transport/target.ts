/** Where to connect or listen, in Open vSwitch's words: `tcp:ADDR:PORT`, `ssl:ADDR:PORT`, `unix:PATH`, `ptcp:PORT[:ADDR]`, `pssl:PORT[:ADDR]`, `punix:PATH` (ovs(7), "Active" and "Passive Connection Methods"). */
import { isIP, isIPv6 } from 'node:net';

export interface TcpTarget {
  /** ssl: with TLS. */
  kind: 'tcp' | 'ssl';
  /** IPv4, IPv6 without brackets, or a host name. */
  address: string;
  port: number;
}
export interface UnixTarget {
  kind: 'unix';
  path: string;
}
export interface PassiveTcpTarget {
  /** pssl: with TLS. */
  kind: 'ptcp' | 'pssl';
  /** 0: any free port. */
  port: number;
  /** undefined: every address. */
  address: string | undefined;
}
export interface PassiveUnixTarget {
  kind: 'punix';
  path: string;
}
/** A target to connect to. */
export type ActiveTarget = TcpTarget | UnixTarget;
/** A target to listen on. */
export type PassiveTarget = PassiveTcpTarget | PassiveUnixTarget;
export type Target = ActiveTarget | PassiveTarget;

export interface ParseTargetOptions {
  /** The port where the text names none; without it the port must be written. */
  defaultPort?: number;
  /** Whether `ssl:` and `pssl:` make sense here: where nobody can name keys, they do not. Default: they do not. */
  tls?: boolean;
}

/** The text is no target: says what is wrong and how it is written. */
export class TargetError extends Error {
  constructor(text: string, problem: string) {
    super(`"${text}": ${problem}`);
    this.name = 'TargetError';
  }
}

/** The length of sun_path less its closing zero byte. */
const longestUnixPath = 107;
const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;

export function parseTarget(text: string, options: ParseTargetOptions = {}): Target {
  const colon = text.indexOf(':');
  const kind = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  switch (kind) {
    case 'tcp':
    case 'ssl':
      if (kind === 'ssl' && options.tls !== true) {
        throw new TargetError(text, 'ssl: is not supported yet; use tcp:ADDR:PORT');
      }
      return parseTcp(kind, text, rest, options);
    case 'ptcp':
    case 'pssl':
      if (kind === 'pssl' && options.tls !== true) {
        throw new TargetError(text, 'pssl: is not supported yet; use ptcp:PORT[:ADDR]');
      }
      return parsePassiveTcp(kind, text, rest, options);
    case 'unix':
    case 'punix':
      return { kind, path: parsePath(text, rest) };
    default:
      throw new TargetError(
        text,
        'is no target; write tcp:ADDR:PORT or unix:PATH to connect, ptcp:PORT[:ADDR] or punix:PATH to listen',
      );
  }
}

/** As `parseTarget`, for a place where only a target to connect to makes sense. */
export function parseActiveTarget(text: string, options: ParseTargetOptions = {}): ActiveTarget {
  const target = parseTarget(text, options);
  if (target.kind === 'tcp' || target.kind === 'ssl' || target.kind === 'unix') return target;
  throw new TargetError(text, 'listens; here a target to connect to is needed: tcp:ADDR:PORT or unix:PATH');
}

/** As `parseTarget`, for a place where only a target to listen on makes sense. */
export function parsePassiveTarget(text: string, options: ParseTargetOptions = {}): PassiveTarget {
  const target = parseTarget(text, options);
  if (target.kind === 'ptcp' || target.kind === 'pssl' || target.kind === 'punix') return target;
  throw new TargetError(text, 'connects; here a target to listen on is needed: ptcp:PORT[:ADDR] or punix:PATH');
}

export function formatTarget(target: Target): string {
  switch (target.kind) {
    case 'tcp':
    case 'ssl':
      return `${target.kind}:${bracketed(target.address)}:${target.port}`;
    case 'ptcp':
    case 'pssl':
      return `${target.kind}:${target.port}${target.address === undefined ? '' : `:${bracketed(target.address)}`}`;
    case 'unix':
    case 'punix':
      return `${target.kind}:${target.path}`;
  }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function parseTcp(kind: TcpTarget['kind'], text: string, rest: string, options: ParseTargetOptions): TcpTarget {
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(rest);
  if (bracket !== null) {
    const address = parseBracketed(text, bracket[1] ?? '');
    return { kind, address, port: parsePort(text, bracket[2], 1, options.defaultPort) };
  }
  if (isIPv6(rest) || rest.split(':').length > 2) {
    throw new TargetError(text, `an IPv6 address stands in brackets: ${kind}:[ADDR]:PORT`);
  }
  const [address = '', port] = rest.split(':');
  return { kind, address: parseAddress(text, address), port: parsePort(text, port, 1, options.defaultPort) };
}

function parsePassiveTcp(
  kind: PassiveTcpTarget['kind'],
  text: string,
  rest: string,
  options: ParseTargetOptions,
): PassiveTcpTarget {
  const colon = rest.indexOf(':');
  const portText = colon < 0 ? rest : rest.slice(0, colon);
  const addressText = colon < 0 ? undefined : rest.slice(colon + 1);
  const port = parsePort(text, portText === '' ? undefined : portText, 0, options.defaultPort);
  if (addressText === undefined) return { kind, port, address: undefined };
  const bracket = /^\[([^\]]*)\]$/.exec(addressText);
  if (bracket !== null) return { kind, port, address: parseBracketed(text, bracket[1] ?? '') };
  if (addressText.includes(':')) throw new TargetError(text, `an IPv6 address stands in brackets: ${kind}:PORT:[ADDR]`);
  return { kind, port, address: parseAddress(text, addressText) };
}

function parseBracketed(text: string, address: string): string {
  if (isIPv6(address)) return address;
  throw new TargetError(text, `"${address}" is no IPv6 address`);
}

function parseAddress(text: string, address: string): string {
  if (address === '') throw new TargetError(text, 'the address is missing');
  if (isIP(address) === 4) return address;
  // Digits and dots that are no IPv4 address would be looked up as a name, which only hides the mistake.
  if (/^[0-9.]+$/.test(address)) throw new TargetError(text, `"${address}" is no IPv4 address`);
  if (!hostName.test(address)) throw new TargetError(text, `"${address}" is neither an address nor a host name`);
  return address;
}

function parsePort(text: string, port: string | undefined, least: number, defaultPort: number | undefined): number {
  if (port === undefined || port === '') {
    if (defaultPort !== undefined) return defaultPort;
    throw new TargetError(text, 'the port is missing');
  }
  const number = /^\d{1,5}$/.test(port) ? Number(port) : -1;
  if (number < least || number > 65535)
    throw new TargetError(text, `"${port}" is no port; ports are ${least} to 65535`);
  return number;
}

function parsePath(text: string, path: string): string {
  if (path === '') throw new TargetError(text, 'the path is missing');
  if (path.includes('\0')) throw new TargetError(text, 'a path holds no zero byte');
  const length = Buffer.byteLength(path);
  if (length > longestUnixPath) {
    throw new TargetError(
      text,
      `the path is ${length} bytes long; a socket's path has at most ${longestUnixPath}: use a shorter folder`,
    );
  }
  return path;
}
