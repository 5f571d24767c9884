/** The form of `dhcp`: what the stations of each segment are given. */

import { z } from 'zod';
import * as value from '../schema-values.ts';

const lifetime = value.number('a number of seconds', 0, 4_294_967_295);
const addresses = (example: string) => value.oneOrMore(value.address, 'an IP address', example);
const rangeText = value.text(/^\S+-\S+$/, 'a range of addresses', 'write it like 10.66.66.100-10.66.66.200');
const domain = z.string(value.expected('a domain', 'write it like lan'));

export const advertiseForm = z.strictObject(
  {
    prefix: value
      .oneOrMore(value.ipPrefix, 'an IPv6 prefix', '"2001:db8:66::/64"')
      .optional()
      .describe("The prefixes that are told. Default: those of the router's addresses on the segment."),
    dns: addresses('"2001:db8:66::1"').optional().describe('Name servers (RFC 8106).'),
    domain: value.oneOrMore(domain, 'a domain', 'lan or [lan, example.net]').optional().describe('Domains to search.'),
    lifetime: value
      .number('a number of seconds', 0, 9000)
      .default(1800)
      .describe('For how many seconds the router is a default router; 0: it is none.'),
    valid: lifetime.default(86_400).describe('For how many seconds an address from the prefix is valid.'),
    preferred: lifetime.default(14_400).describe('For how many seconds new connections use it.'),
    managed: z.boolean().default(false).describe('Addresses come by DHCPv6, from another server.'),
    other: z.boolean().default(false).describe('Other settings come by DHCPv6, from another server.'),
    mtu: value.number('an MTU', 1280, 65_535).optional().describe("The link's MTU. Default: not told."),
  },
  value.map('{ prefix: "2001:db8:66::/64" }'),
);

const optionValue = z.union(
  [z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))],
  value.expected('a value', 'write a text, a number, true or false, or a list'),
);

export const dhcpForm = z.strictObject(
  {
    range: value
      .oneOrMore(rangeText, 'a range of addresses', '10.66.66.100-10.66.66.200')
      .optional()
      .describe('Which addresses are given out: `FIRST-LAST`, or a list of them.'),
    router: addresses('10.66.66.1')
      .optional()
      .describe("The clients' default router. Default: the router's address on the segment."),
    dns: addresses('10.66.66.1')
      .optional()
      .describe("Name servers. Default: the router's address where it has a `self`, else none."),
    domain: domain.optional().describe("The clients' domain."),
    lease: value
      .number('a number of seconds', 60, 4_294_967_294)
      .default(3600)
      .describe('For how many seconds an address is given.'),
    leasesPerPort: value
      .number('a number of leases', 1, 65_536)
      .default(64)
      .describe('Addresses that the stations at one access port may have at a time, so that none takes them all.'),
    server: value.ipv4
      .optional()
      .describe("The server's own address, where no router has one. Default: the router's address on the segment."),
    reserve: z
      .record(
        z.string(),
        value.ipv4,
        value.map('`PORT: ADDRESS`, `"MAC": ADDRESS`, `hostname NAME: ADDRESS` or `client-id ID: ADDRESS`'),
      )
      .optional()
      .describe(
        'Addresses for one client each, by its port (`web1`, `hv1/web1`), MAC, `hostname NAME` or `client-id ID` (text, or hex with colons).',
      ),
    options: z
      .record(z.string(), optionValue, value.map('options like `ntp-server: 10.66.66.1`'))
      .optional()
      .describe('Further options by name (`ntp-server`, `mtu`, `static-routes` …) or number.'),
    relay: addresses('10.66.66.5')
      .optional()
      .describe('Another DHCP server that is asked instead, or several; with it there is no `range`.'),
    advertise: advertiseForm
      .optional()
      .describe("The router's advertisements for IPv6; `{}` tells the prefixes of its addresses."),
  },
  value.map('{ range: 10.66.66.100-10.66.66.200 }'),
);
