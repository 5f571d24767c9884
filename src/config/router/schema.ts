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
          value.ipInterfaceAddress,
          z
            .array(value.ipInterfaceAddress, value.expected('a list of addresses', 'write it like [10.66.66.1/24]'))
            .min(1, value.expected('a list with an address in it', 'write it like [10.66.66.1/24]')),
        ],
        value.expected(
          'an IP address with prefix length or a list of them',
          'write it like 10.66.66.1/24 or [10.66.66.1/24, "2001:db8::1/64"]',
        ),
      )
      .describe(
        'Its address with prefix length, or a list; the first is the primary. `follow`: the addresses of the host at `self`, a port of this segment.',
      ),
    mtu: value
      .number('an MTU', 576, 65_535)
      .optional()
      .describe('The largest packet that leaves by it. Default: what the segment carries.'),
    options: z
      .array(
        value.word(['norfc1918', 'nosmurfs', 'tcpflags', 'routefilter', 'routeback']),
        value.expected('a list of options', 'write it like [norfc1918, nosmurfs]'),
      )
      .optional()
      .describe(
        'What may not come in by it: private addresses (`norfc1918`), broadcast addresses as senders (`nosmurfs`), impossible flags of TCP (`tcpflags`), senders that are elsewhere by the routes (`routefilter`). `routeback`: what goes back by it is accepted.',
      ),
  },
  value.map('{ segment: loc, address: 10.66.66.1/24 }'),
);

export const routeForm = z.strictObject(
  {
    prefix: z
      .union(
        [z.literal('default'), value.ipPrefix],
        value.expected('a prefix', 'write `default` or a prefix like 10.9.0.0/16'),
      )
      .describe('`default`, or a prefix.'),
    via: value
      .oneOrMore(value.address, 'an IP address', '10.88.88.1')
      .optional()
      .describe('The next hop, on a connected prefix; or a list, between which connections are shared out.'),
    dev: value.name.optional().describe('The interface, where the next hop is a link-local address (fe80::/10).'),
    type: value
      .word(['unreachable', 'prohibit', 'blackhole'])
      .optional()
      .describe('In place of `via`: packets are refused with ICMP, or (`blackhole`) dropped.'),
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
      .describe(
        '`default via ADDRESS`, `PREFIX via ADDRESS[, ADDRESS…] [dev INTERFACE]`, `PREFIX unreachable`, `prohibit` or `blackhole`; or { prefix, via } and { prefix, type }.',
      ),
  },
  value.map('`host:` and `interfaces:`'),
);
