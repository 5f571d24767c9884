/** The forms of routers: interfaces and routes. */

import { z } from 'zod';
import * as value from '../schema-values.ts';

export const routerInterfaceForm = z.strictObject(
  {
    segment: value.name.describe('The segment that it is on.'),
    address: z
      .union(
        [
          z.literal('follow'),
          value.interfaceAddress,
          z
            .array(value.interfaceAddress, value.expected('a list of addresses', 'write it like [10.66.66.1/24]'))
            .min(1, value.expected('a list with an address in it', 'write it like [10.66.66.1/24]')),
        ],
        value.expected('an IPv4 address or a list of them', 'write it like 10.66.66.1/24'),
      )
      .describe(
        'Its address with prefix length, or a list; the first is the primary. `follow`: the address of the host at `self`, a port of this segment.',
      ),
    mtu: value
      .number('an MTU', 576, 65_535)
      .optional()
      .describe('The largest packet that leaves by it. Default: what the segment carries.'),
  },
  value.map('{ segment: loc, address: 10.66.66.1/24 }'),
);

export const routeForm = z.strictObject(
  {
    prefix: z
      .union(
        [z.literal('default'), value.prefix],
        value.expected('a prefix', 'write `default` or a prefix like 10.9.0.0/16'),
      )
      .describe('`default`, or an IPv4 prefix.'),
    via: value.ipv4.describe('The next hop, on a connected prefix.'),
  },
  value.map('`default via 10.88.88.1` or { prefix: default, via: 10.88.88.1 }'),
);

export const routerForm = z.strictObject(
  {
    host: value.name.describe('The host that routes.'),
    mac: value.mac.optional().describe('Its MAC on every interface. Default: derived from its name.'),
    self: value
      .text(/^[^/\s]+\/[^/\s]+$/, 'a port', 'write HOST/PORT, like hv1/gw0')
      .optional()
      .describe(
        "`HOST/PORT` of its bridge, where its own services live: the host's network stack, zone `fw`. In no segment, or `access` on the segment of one of its interfaces.",
      ),
    interfaces: z
      .record(
        value.name,
        routerInterfaceForm,
        value.map('interfaces like `loc: { segment: loc, address: 10.66.66.1/24 }`'),
      )
      .describe('Its interfaces by name.'),
    routes: z
      .array(
        z.union([value.shortForm('default via 10.88.88.1'), routeForm]),
        value.expected('a list', 'write `- default via 10.88.88.1`'),
      )
      .nullish()
      .describe('`default via ADDRESS`, `PREFIX via ADDRESS`, or { prefix, via }.'),
  },
  value.map('`host:` and `interfaces:`'),
);
