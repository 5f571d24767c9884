/** The forms of NAT rules. */

import { z } from 'zod';
import * as value from '../schema-values.ts';

const PORT = '([1-9][0-9]{0,4})';

const inRange = (text: string) => (text.match(/\d+$/g) ?? []).every((port) => Number(port) <= 65_535);

const endpoint = z
  .string(value.expected('an IPv4 address and a port', 'write it like 10.88.88.66:8800'))
  .regex(
    new RegExp(`^[0-9.]+:${PORT}$`),
    value.expected(
      'an IPv4 address and a port (one port; ranges are not supported yet)',
      'write it like 10.88.88.66:8800',
    ),
  )
  .refine((text) => value.ipv4.safeParse(text.slice(0, text.indexOf(':'))).success && inRange(text), {
    ...value.expected('an IPv4 address and a port', 'write it like 10.88.88.66:8800'),
  });

const portRange = z
  .string(value.expected('a range of ports', 'write it like 1024-65535'))
  .regex(new RegExp(`^${PORT}-${PORT}$`), value.expected('a range of ports', 'write it like 1024-65535'))
  .refine(
    (text) => {
      const [first = 0, last = 0] = text.split('-').map(Number);
      return first <= last && last <= 65_535;
    },
    value.expected('a range of ports that rises, up to 65535', 'write it like 1024-65535'),
  );

export const masqueradeForm = z.strictObject({
  masquerade: value.prefix.describe('The inside addresses.'),
  out: value.routerInterface.describe('`ROUTER/INTERFACE` that they leave by; they get its primary address.'),
  ports: portRange.default('1024-65535').describe('Source ports to translate to.'),
});

export const snatForm = z.strictObject({
  snat: value.prefix.describe('The inside addresses.'),
  to: value.ipv4.describe('The public address, one of the interface `out`.'),
  out: value.routerInterface.describe('`ROUTER/INTERFACE` that they leave by.'),
  ports: portRange.default('1024-65535').describe('Source ports to translate to.'),
});

export const forwardForm = z.strictObject({
  forward: value.word(['tcp', 'udp']).describe('The protocol.'),
  address: endpoint.describe("`ADDRESS:PORT` on one of a router's interfaces."),
  to: endpoint.describe('`ADDRESS:PORT` of the station inside.'),
});

export const natForm = z.union(
  [value.shortForm('masquerade 10.66.66.0/24 out edge/net'), masqueradeForm, snatForm, forwardForm],
  value.expected('a rule', 'write it like `masquerade 10.66.66.0/24 out edge/net`'),
);
