/** The forms of NAT rules. */

import { z } from 'zod';
import { ipText, isNetwork, lastOf, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import * as value from '../schema-values.ts';
import { parseEndpoint, parsePorts } from './endpoint.ts';

const upsideDown = (first: string, last: string) => ({
  error: ({ input }: { input?: unknown }) => {
    const [from = '', to = ''] = String(input).split('-');
    return `${value.show(input)} is upside down: ${first} of a range comes before ${last}${value.FIX_SEPARATOR}write ${to}-${from}`;
  },
});

function endpoint(what: string, example: string, isPublic: boolean) {
  const error = value.expected(what, `write it like ${example}`);
  return z
    .string(error)
    .refine((text) => {
      const read = parseEndpoint(text);
      return read !== undefined && (isPublic ? read.ports !== undefined : !read.isInterface);
    }, error)
    .refine(
      (text) => {
        const [first, last] = parseEndpoint(text)?.ports ?? [0, 0];
        return first <= last;
      },
      {
        error: ({ input }) => {
          const [first, last] = parseEndpoint(String(input))?.ports ?? [0, 0];
          return `${value.show(input)} has its ports upside down${value.FIX_SEPARATOR}write ${last}-${first}`;
        },
      },
    );
}

const ports = value.expected('a range of ports', 'write it like 1024-65535');
const portRange = z
  .string(ports)
  .refine((text) => /^[1-9]\d*-[1-9]\d*$/.test(text), ports)
  .refine(
    (text) => {
      const [first = 0, last = 0] = text.split('-').map(Number);
      return first <= last;
    },
    upsideDown('the first port', 'the last'),
  )
  .refine(
    (text) => parsePorts(text) !== undefined,
    value.expected('a range of ports up to 65535', 'write it like 1024-65535'),
  );

const pool = value.expected(
  'an IP address, a range or a prefix of them',
  'write it like 10.88.88.67, 10.88.88.67-10.88.88.70 or 10.88.88.64/29',
);
/** One address, several in a row, or a prefix. */
const addressPool = z
  .string(pool)
  .refine((text) => parsePool(text) !== undefined, pool)
  .refine(
    (text) => {
      const [first, last] = parsePool(text) ?? [];
      return first === undefined || last === undefined || parseIp(first)!.number <= parseIp(last)!.number;
    },
    upsideDown('the first address', 'the last'),
  );

/** Its ends in their one form; undefined: it is none. */
export function parsePool(text: string): [first: string, last: string] | undefined {
  const [first = '', last, ...rest] = text.split('-');
  if (last === undefined) {
    const prefix = parseIpPrefix(text);
    return prefix !== undefined && isNetwork(prefix) ? [ipText(prefix), ipText(lastOf(prefix))] : undefined;
  }
  const [from, to] = [parseIp(first), parseIp(last)];
  if (rest.length > 0 || from === undefined || from.family !== to?.family) return undefined;
  return [ipText(from), ipText(to)];
}

const out = value.routerInterface.describe('`ROUTER/INTERFACE` that they leave by.');
const sourcePorts = portRange.default('1024-65535').describe('Source ports to translate to.');

export const exemptForm = z.strictObject({
  exempt: value.ipPrefix.describe('The inside addresses that keep their own.'),
  to: value.ipPrefix.optional().describe('Only on the way there.'),
  out,
});

export const masqueradeForm = z.strictObject({
  masquerade: value.ipPrefix.describe('The inside addresses.'),
  out: value.routerInterface.describe('`ROUTER/INTERFACE` that they leave by; they get its primary address.'),
  ports: sourcePorts,
});

export const snatForm = z.strictObject({
  snat: value.ipPrefix.describe('The inside addresses.'),
  to: addressPool.describe(
    'The public address, a range or a prefix of them: on a prefix of the interface `out`, which answers for them.',
  ),
  out,
  ports: sourcePorts,
});

export const forwardForm = z.strictObject({
  forward: value.word(['tcp', 'udp']).describe('The protocol.'),
  address: endpoint('an address and a port, or a range of ports', '10.88.88.66:8800 or edge/net:8800', true).describe(
    '`ADDRESS:PORT` or `ADDRESS:FIRST-LAST`; the address on a prefix of an interface of a router, or `ROUTER/INTERFACE` for its primary one.',
  ),
  from: value.ipPrefix.optional().describe('Only for these.'),
  to: endpoint('an address, with or without a port', '10.66.66.67:80', false).describe(
    '`ADDRESS`, `ADDRESS:PORT` or `ADDRESS:FIRST-LAST` of the station inside; without ports they stay.',
  ),
});

const addresses = value.expected('an IP address or a prefix', 'write it like 10.88.88.68 or 10.88.88.64/29');
const oneOrPrefix = z
  .string(addresses)
  .refine((text) => parseIpPrefix(text) !== undefined, addresses)
  .refine((text) => parseIp(text) !== undefined || value.ipPrefix.safeParse(text).success, {
    error: ({ input }) => value.ipPrefix.safeParse(input).error?.issues[0]?.message ?? '',
  });

export const oneToOneForm = z.strictObject({
  'one-to-one': oneOrPrefix.describe('The public address or prefix, on a prefix of an interface of a router.'),
  with: oneOrPrefix.describe('The inside address, or a prefix of the same length.'),
});

export const natForm = z.union(
  [
    value.shortForm('masquerade 10.66.66.0/24 out edge/net'),
    exemptForm,
    masqueradeForm,
    snatForm,
    forwardForm,
    oneToOneForm,
  ],
  value.expected('a rule', 'write it like `masquerade 10.66.66.0/24 out edge/net`'),
);

export type ExemptForm = z.infer<typeof exemptForm>;
export type MasqueradeForm = z.infer<typeof masqueradeForm>;
export type SnatForm = z.infer<typeof snatForm>;
export type ForwardForm = z.infer<typeof forwardForm>;
export type OneToOneForm = z.infer<typeof oneToOneForm>;
export type RuleForm = ExemptForm | MasqueradeForm | SnatForm | ForwardForm | OneToOneForm;
