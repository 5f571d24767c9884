/** The options of DHCP that the file knows by name (RFC 2132, 2937, 3397, 3442, 4833, 8910, 8925), and their values. */

import { networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { DhcpOptionKind, DhcpOptionSetting } from '../model.ts';
import type { Path } from '../path.ts';
import { show } from '../schema-values.ts';

type OptionForm = string | number | boolean | (string | number)[];

const NAMED: Readonly<Record<string, [code: number | undefined, kind: DhcpOptionKind]>> = {
  'next-server': [undefined, 'address'],
  'time-offset': [2, 'int32'],
  'time-server': [4, 'addresses'],
  'log-server': [7, 'addresses'],
  'lpr-server': [9, 'addresses'],
  'root-path': [17, 'text'],
  'ip-forwarding': [19, 'boolean'],
  'default-ttl': [23, 'uint8'],
  mtu: [26, 'uint16'],
  'broadcast-address': [28, 'address'],
  'nis-domain': [40, 'text'],
  'nis-server': [41, 'addresses'],
  'ntp-server': [42, 'addresses'],
  'vendor-specific': [43, 'bytes'],
  'netbios-name-server': [44, 'addresses'],
  'netbios-node-type': [46, 'uint8'],
  'tftp-server': [66, 'text'],
  'boot-file': [67, 'text'],
  'smtp-server': [69, 'addresses'],
  'pop3-server': [70, 'addresses'],
  'posix-timezone': [100, 'text'],
  'tz-name': [101, 'text'],
  'ipv6-only-preferred': [108, 'uint32'],
  'captive-portal': [114, 'text'],
  'domain-search': [119, 'domains'],
  'static-routes': [121, 'routes'],
  'tftp-server-address': [150, 'addresses'],
  wpad: [252, 'text'],
};

/** What has a key of its own, or is the protocol's. */
const ELSEWHERE: Readonly<Record<number, string>> = {
  1: 'it follows from the subnet',
  3: 'write `router: ADDRESS`',
  6: 'write `dns: ADDRESS`',
  15: 'write `domain: NAME`',
  51: 'write `lease: SECONDS`',
};
const PROTOCOL = new Set([0, 50, 52, 53, 54, 55, 56, 57, 58, 59, 61, 82, 255]);
const NAMES_ELSEWHERE: Readonly<Record<string, number>> = {
  'subnet-mask': 1,
  router: 3,
  dns: 6,
  'domain-name-server': 6,
  domain: 15,
  'domain-name': 15,
  lease: 51,
  'lease-time': 51,
};

const FIX: Readonly<Record<DhcpOptionKind, string>> = {
  address: 'write an IPv4 address, like 10.66.66.5',
  addresses: 'write an IPv4 address or a list of them, like [10.66.66.5, 10.66.66.6]',
  text: 'write a text of 1 to 255 characters of ASCII',
  boolean: 'write true or false',
  uint8: 'write a number from 0 to 255',
  uint16: 'write a number from 0 to 65535',
  uint32: 'write a number from 0 to 4294967295',
  int32: 'write a number of seconds, like 3600 or -3600',
  domains: 'write a domain or a list of them, like [lan, example.net]',
  routes: 'write `PREFIX via ADDRESS` or a list of them, like [10.9.0.0/16 via 10.66.66.9]',
  bytes: 'write `hex` and the bytes, like `hex 01 04 0a 42 42 05`',
};

const NUMBERS: Readonly<Partial<Record<DhcpOptionKind, [least: number, most: number]>>> = {
  uint8: [0, 0xff],
  uint16: [0, 0xffff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
};

export function readOptions(
  form: Readonly<Record<string, OptionForm>>,
  path: Path,
  where: string,
  findings: Findings,
): DhcpOptionSetting[] {
  const options: DhcpOptionSetting[] = [];
  for (const [name, value] of Object.entries(form)) {
    const at = [...path, name];
    const meant = optionOf(name, value, at, where, findings);
    if (meant === undefined) continue;
    const { code, kind } = meant;
    const twin = options.find((other) => other.code === code);
    if (twin !== undefined) {
      findings.problem(
        at,
        `${where}: options ${twin.name} and ${name} are one and the same`,
        'keep one of them',
        'key',
      );
      continue;
    }
    const values = valuesOf(kind, value);
    if (values === undefined)
      findings.problem(at, `${where}: option ${name}: ${show(value)} is no such value`, FIX[kind]);
    else options.push({ source: findings.source(at), name, code, kind, values });
  }
  return options;
}

function optionOf(
  name: string,
  value: OptionForm,
  at: Path,
  where: string,
  findings: Findings,
): { code: number | undefined; kind: DhcpOptionKind } | undefined {
  const isNumber = /^\d+$/.test(name);
  const code = isNumber ? Number(name) : NAMES_ELSEWHERE[name];
  if (code !== undefined && (ELSEWHERE[code] !== undefined || PROTOCOL.has(code) || code > 255)) {
    const fix = ELSEWHERE[code] ?? (code > 255 ? 'write a number from 1 to 254' : 'leave it out');
    findings.problem(at, `${where}: option ${name} is not set under \`options\``, fix, 'key');
    return undefined;
  }
  if (isNumber) {
    const named = Object.values(NAMED).find(([known]) => known === code);
    const isHex = typeof value === 'string' && value.startsWith('hex ');
    return { code, kind: isHex ? 'bytes' : (named?.[1] ?? 'text') };
  }
  const known = NAMED[name];
  if (known !== undefined) return { code: known[0], kind: known[1] };
  const otherwise = 'write its number, like `252: "http://…"` or `43: hex 01 02`';
  findings.problem(at, `${where}: unknown option \`${name}\``, suggestion(name, Object.keys(NAMED), otherwise), 'key');
  return undefined;
}

/** undefined: it is none of the kind. */
function valuesOf(kind: DhcpOptionKind, given: OptionForm): (string | number)[] | undefined {
  const list = Array.isArray(given) ? given : [given];
  const [only] = list;
  const texts = list.filter((each): each is string => typeof each === 'string');
  if (list.length === 0) return undefined;
  switch (kind) {
    case 'address':
    case 'addresses':
      if (texts.length < list.length || (kind === 'address' && list.length > 1)) return undefined;
      return texts.every((text) => parseIp(text)?.family === 4) ? texts : undefined;
    case 'text':
      if (list.length > 1 || typeof only === 'boolean') return undefined;
      return /^[\x20-\x7e]{1,255}$/.test(String(only)) ? [String(only)] : undefined;
    case 'boolean':
      return list.length === 1 && typeof only === 'boolean' ? [only ? 1 : 0] : undefined;
    case 'domains':
      return texts.length === list.length && texts.every(isDomain) ? texts : undefined;
    case 'routes':
      return texts.length === list.length ? routesOf(texts) : undefined;
    case 'bytes':
      return list.length === 1 && typeof only === 'string' ? bytesOf(only) : undefined;
    default: {
      const [least, most] = NUMBERS[kind]!;
      if (list.length > 1 || typeof only !== 'number' || !Number.isInteger(only)) return undefined;
      return only >= least && only <= most ? [only] : undefined;
    }
  }
}

const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

export function isDomain(text: string): boolean {
  const name = text.replace(/\.$/, '');
  return name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
}

function routesOf(texts: readonly string[]): string[] | undefined {
  const routes = texts.map((text) => {
    const [, written = '', via = ''] = /^(\S+) via (\S+)$/.exec(text) ?? [];
    const prefix = parseIpPrefix(written === 'default' ? '0.0.0.0/0' : written);
    return prefix?.family === 4 && parseIp(via)?.family === 4 ? [networkText(prefix), via] : undefined;
  });
  return routes.every((route) => route !== undefined) ? routes.flat() : undefined;
}

/** 255 bytes; more are cut into several options by RFC 3396, which few clients read. */
function bytesOf(text: string): string[] | undefined {
  const digits = text.replace(/^hex /, '').replace(/[\s:]/g, '').toLowerCase();
  return /^([0-9a-f]{2}){1,255}$/.test(digits) ? [digits] : undefined;
}
