/** The scalars of the user's file: addresses, numbers and names, each with what to say when it is something else. */

import { z } from 'zod';
import { isNetwork, networkText, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import { ipAddress } from './ip-address.ts';

/** Between what is wrong and what to do about it, in the text of a zod issue. */
export const FIX_SEPARATOR = '\n';

type Issue = { readonly input?: unknown };

export function show(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `\`${shorten(value)}\``;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map';
  return shorten(String(value));
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

/** The zod error of a value that should have been `what`. */
export function expected(what: string, fix: string): { error: (issue: Issue) => string } {
  return {
    error: ({ input }) => {
      if (input === undefined) return `is missing${FIX_SEPARATOR}${fix}`;
      if (
        typeof input === 'string' &&
        /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(\/\d+)?$/i.test(input) &&
        / IPv4 /.test(what)
      ) {
        return `${show(input)} is IPv6, which this version does not do${FIX_SEPARATOR}${fix}`;
      }
      return `${show(input)} is not ${what}${FIX_SEPARATOR}${fix}`;
    },
  };
}

export function number(what: string, minimum: number, maximum: number) {
  const error = expected(what, `write a number from ${minimum} to ${maximum}`);
  return z.int(error).min(minimum, error).max(maximum, error).meta({ title: what });
}

export function text(pattern: RegExp, what: string, fix: string) {
  const error = expected(what, fix);
  return z.string(error).regex(pattern, error).meta({ title: what });
}

export const vlan = number('a VLAN', 1, 4094);
/** 24 bits in VXLAN and Geneve, 32 in GRE: `overlays.ts` holds it against the type. */
export const vni = number('a VNI', 1, 4_294_967_295);
export const headroom = number('a number of bytes', 0, 1000);
export const udpPort = number('a UDP port', 1, 65_535);
export const ttl = number('a TTL', 1, 255);

export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
export const name = text(
  NAME_PATTERN,
  'a name',
  'write 1 to 32 letters, digits, `-`, `_` or `.`, first a letter or digit',
);

/** Linux: IFNAMSIZ is 16 with the closing zero; no slash, no space. */
export const INTERFACE_NAME_PATTERN = /^(?!\.{1,2}$)[^\s/:,]{1,15}$/;
export const interfaceName = text(
  INTERFACE_NAME_PATTERN,
  'an interface name',
  'write at most 15 characters, without spaces, `/`, `:` and `,` (Linux takes no longer name)',
);

const anyAddress = expected('an IP address', 'write it like 192.168.50.4 or "fd00::4"');
/** IPv4 or IPv6. */
export const address = z
  .string(anyAddress)
  .refine((value) => ipAddress(value) !== undefined, anyAddress)
  .meta({ title: 'an IP address' });

const anyIpv4 = expected('an IPv4 address', 'write it like 10.66.66.67');
export const ipv4 = z
  .string(anyIpv4)
  .refine((value) => parseIp(value)?.family === 4, anyIpv4)
  .meta({ title: 'an IPv4 address' });

const anyInterfaceAddress = expected(
  'an IP address with prefix length',
  'write it like 10.66.66.1/24 or "2001:db8::1/64"',
);
/** An address of either family with the length of its prefix. */
export const ipInterfaceAddress = z
  .string(anyInterfaceAddress)
  .refine((value) => value.includes('/') && parseIpPrefix(value) !== undefined, anyInterfaceAddress)
  .meta({ title: 'an IP address with prefix length' });

/** Of what is no prefix at all another test tells. */
function hasNoHostBits(value: string): boolean {
  const read = parseIpPrefix(value);
  return read === undefined || isNetwork(read);
}

const namingTheNetwork = {
  error: ({ input }: Issue) => {
    const read = parseIpPrefix(String(input));
    return `${show(input)} has bits set beyond its length${FIX_SEPARATOR}write ${read === undefined ? 'the network' : networkText(read)}`;
  },
};

const anyPrefix = expected('an IP prefix', 'write it like 10.66.66.0/24 or "2001:db8::/64"');
/** A prefix of either family. */
export const ipPrefix = z
  .string(anyPrefix)
  .refine((value) => value.includes('/') && parseIpPrefix(value) !== undefined, anyPrefix)
  .refine(hasNoHostBits, namingTheNetwork)
  .meta({ title: 'an IP prefix' });

const anyStationAddress = expected('an IP address or prefix', 'write it like 10.66.66.67 or "2001:db8::/64"');
/** An address of either family, or a prefix. */
export const stationAddress = z
  .string(anyStationAddress)
  .refine((value) => parseIpPrefix(value) !== undefined, anyStationAddress)
  .refine(hasNoHostBits, namingTheNetwork)
  .meta({ title: 'an IP address or prefix' });

/** One, or a list of them. */
export function oneOrMore<Item extends z.ZodType>(item: Item, what: string, example: string) {
  const list = expected(`${what} or a list of them`, `write it like ${example}`);
  return z.union([item, z.array(item, list).min(1, list)], list);
}

export const mac = text(
  /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/,
  'a MAC address',
  'write it in quotes, like "02:00:00:00:00:01"',
).refine((value) => !/^.[13579bdf]/i.test(value) && !/^00(:00){5}$/.test(value), {
  error: ({ input }) =>
    `${show(input)} is a multicast or empty MAC address, which no station has${FIX_SEPARATOR}make its first byte even, like 02`,
});

/** `tcp:HOST[:PORT]` or `unix:PATH`; where it `mayBeSsl`, `ssl:HOST[:PORT]` too. */
export function target(what: string, example: string, mayBeSsl = false) {
  const fix = `write ${example} or unix:/path/to/socket`;
  return text(/^((tcp|ssl):(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?|unix:.+|p?ssl:.*)$/, what, fix)
    .refine((value) => !(mayBeSsl ? /^pssl:/ : /^p?ssl:/).test(value), {
      error: ({ input }) =>
        mayBeSsl
          ? `${show(input)} listens, and here Flowloom dials${FIX_SEPARATOR}${fix}`
          : `${show(input)}: TLS is not supported yet${FIX_SEPARATOR}${fix}`,
    })
    .refine(
      (value) => Number(/^(?:tcp|ssl):.*[^:\]]:(\d+)$/.exec(value)?.[1] ?? /\]:(\d+)$/.exec(value)?.[1] ?? 1) <= 65_535,
      { error: ({ input }) => `${show(input)} has a port above 65535${FIX_SEPARATOR}${fix}` },
    );
}

/** One word out of a few; words of later versions are refused as such. */
export function word<const Words extends readonly [string, ...string[]]>(words: Words, later: readonly string[] = []) {
  return z.enum(words, {
    error: ({ input }) => {
      const fix = `write ${words.join(' or ')}`;
      if (input === undefined) return `is missing${FIX_SEPARATOR}${fix}`;
      return typeof input === 'string' && later.includes(input)
        ? `${show(input)} is not supported yet${FIX_SEPARATOR}${fix}`
        : `${show(input)} is not one of ${words.join(', ')}${FIX_SEPARATOR}${fix}`;
    },
  });
}

/** A target of Open vSwitch's own Controller and Manager rows (ovs(7), "Active" and "Passive Connection Methods"). */
export function remote(what: string, example: string) {
  return text(
    /^(flowloom|(tcp|ssl):(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?|p(tcp|ssl):([0-9]{1,5})?(:[^:\s]+|:\[[0-9a-fA-F:.]+\])?|p?unix:\S+)$/,
    what,
    `write it like ${example}`,
  );
}

/** `ROUTER/INTERFACE` */
export const routerInterface = z
  .string(expected('an interface of a router', 'write ROUTER/INTERFACE, like edge/net'))
  .regex(/^[^/\s]+\/[^/\s]+$/, expected('an interface of a router', 'write ROUTER/INTERFACE, like edge/net'));

const anyZoneMember = expected('a member of a zone', 'write ROUTER/INTERFACE, HOST/PORT or `segment NAME`');
/** `ROUTER/INTERFACE`, `HOST/PORT`, `segment NAME` */
export const zoneMember = z.string(anyZoneMember).regex(/^(segment\s+\S+|[^/\s]+\/\S+)$/, anyZoneMember);

/** A sentence, or the object form beside it. */
export const shortForm = (example: string) => z.string(expected('a text or a map', `write it like \`${example}\``));

export const map = (what: string) => expected('a map', `write ${what}`);
