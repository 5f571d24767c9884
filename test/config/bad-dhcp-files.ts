/** Files with one mistake each under `dhcp`, as bad-files.ts has them. */

import type { BadFile } from './bad-files.ts';

const loc = (settings: string) => `dhcp:\n  loc: { ${settings} } #!`;
const range = 'range: 10.66.66.100-10.66.66.200';
const reserve = (line: string) => `dhcp:\n  loc:\n    ${range}\n    reserve:\n      ${line} #!`;
const option = (line: string) => `dhcp:\n  loc:\n    ${range}\n    options:\n      ${line} #!`;

const six =
  'segments:\n  loc: { vlan: 100, subnet: [10.66.66.0/24, "2001:db8:66::/64"] }\n  dmz: { vlan: 200 }\n  net: { vlan: 10 }\n' +
  'nat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    interfaces:\n      loc: { segment: loc, address: [10.66.66.1/24, "2001:db8:66::1/64"] }\n';
const advertise = (settings: string) => `${six}dhcp:\n  loc: { advertise: { ${settings} } } #!`;

export const BAD_DHCP_FILES: BadFile[] = [
  {
    name: 'DHCP on an unknown segment',
    yaml: 'dhcp:\n  lco: { range: 10.66.66.9-10.66.66.10 } #!',
    says: ['unknown segment `lco`', 'did you mean `loc`'],
  },
  { name: 'DHCP key', yaml: loc(`${range}, leese: 5`), says: ['unknown key `leese`', '`lease`'] },
  { name: 'DHCP that gives nothing', yaml: 'dhcp:\n  net: {} #!', says: ['gives nothing', 'range: FIRST-LAST'] },
  {
    name: 'DHCP without a subnet',
    yaml: 'segments:\n  loc: { vlan: 100 }\n  net: { vlan: 10 }\n  dmz: { vlan: 2 }\n  x: { vlan: 3 }\ndhcp:\n  x: { range: 10.1.0.5-10.1.0.6 } #!',
    says: ['no IPv4 subnet', 'segments.x'],
  },
  {
    name: 'DHCP without an address to answer from',
    yaml: 'dhcp:\n  dmz: { range: 10.77.0.5-10.77.0.6 } #!',
    says: ['needs one of its own', 'server: ADDRESS'],
  },
  {
    name: 'server address besides the router',
    yaml: loc(`${range}, server: 10.66.66.9`),
    says: ['router edge has 10.66.66.1', 'write 10.66.66.1'],
  },
  {
    name: 'server address outside',
    yaml: 'dhcp:\n  dmz: { range: 10.77.0.5-10.77.0.6, server: 10.78.0.1 } #!',
    says: ["the server's address 10.78.0.1 is not within 10.77.0.0/24"],
  },
  { name: 'range', yaml: loc('range: "10.66.66.100"'), says: ['not a range of addresses'] },
  { name: 'range of names', yaml: loc('range: a-b'), says: ['a is no IPv4 address'] },
  {
    name: 'range upside down',
    yaml: loc('range: 10.66.66.200-10.66.66.100'),
    says: ['is upside down', '10.66.66.100-10.66.66.200'],
  },
  {
    name: 'range outside of the subnet',
    yaml: loc('range: 10.66.66.200-10.66.67.10'),
    says: ['10.66.67.10', 'not within 10.66.66.0/24', 'from 10.66.66.1 to 10.66.66.254'],
  },
  {
    name: 'range with the broadcast address',
    yaml: loc('range: 10.66.66.200-10.66.66.255'),
    says: ['10.66.66.255', 'not within'],
  },
  {
    name: 'ranges that overlap',
    yaml: 'dhcp:\n  loc:\n    range:\n      - 10.66.66.100-10.66.66.150\n      - 10.66.66.150-10.66.66.200 #!',
    says: ['overlaps 10.66.66.100-10.66.66.150 (flowloom.yaml:'],
  },
  {
    name: 'range too large',
    yaml: 'segments:\n  loc: { vlan: 100 }\n  net: { vlan: 10 }\n  dmz: { vlan: 2 }\n  x: { vlan: 3, subnet: 10.0.0.0/8 }\ndhcp:\n  x: { range: 10.1.0.1-10.2.0.1, server: 10.0.0.1 } #!',
    says: ['more than 65536 addresses'],
  },
  { name: 'lease', yaml: loc(`${range}, lease: 5`), says: ['5 is not a number of seconds', 'from 60'] },
  { name: 'DHCP router outside', yaml: loc(`${range}, router: 10.1.1.1`), says: ['the router 10.1.1.1 is not within'] },
  { name: 'DNS of IPv6', yaml: loc(`${range}, dns: ["2001:db8::1"]`), says: ['2001:db8::1 is IPv6', '`advertise`'] },
  { name: 'DHCP domain', yaml: loc(`${range}, domain: "a b"`), says: ['`a b` is no domain'] },
  { name: 'reservation of an unknown port', yaml: reserve('web9: 10.66.66.9'), says: ['`web9` is no port', '`web1`'] },
  {
    name: 'reservation of a port elsewhere',
    yaml: reserve('hv2/web1: 10.66.66.9'),
    says: ['`hv2/web1` is no port of segment loc', '`hv1/web1`'],
  },
  { name: 'reservation outside', yaml: reserve('"02:00:00:00:00:01": 10.66.67.9'), says: ['not within 10.66.66.0/24'] },
  {
    name: 'address reserved twice',
    yaml: reserve('"02:00:00:00:00:01": 10.66.66.9\n      hostname pc: 10.66.66.9'),
    says: ['10.66.66.9 is reserved for 02:00:00:00:00:01 already'],
  },
  {
    name: 'client with two reservations',
    yaml: reserve('"02:00:00:00:00:0a": 10.66.66.9\n      "02:00:00:00:00:0A": 10.66.66.10'),
    says: ['are one client'],
  },
  { name: "reservation of the router's", yaml: reserve('hostname pc: 10.66.66.1'), says: ["is router edge's"] },
  {
    name: "reservation of another port's address",
    yaml: reserve('hostname pc: 10.66.66.67'),
    says: ['is the address of port hv1/web1'],
  },
  {
    name: 'reservation against anti-spoofing',
    yaml: reserve('web1: 10.66.66.9'),
    says: ['port hv1/web1 sends from 10.66.66.67 only'],
  },
  {
    name: 'unknown option',
    yaml: option('ntp-sever: 10.66.66.1'),
    says: ['unknown option `ntp-sever`', '`ntp-server`'],
  },
  { name: 'option with a key of its own', yaml: option('router: 10.66.66.1'), says: ['write `router: ADDRESS`'] },
  { name: 'option of the protocol', yaml: option('53: hex 05'), says: ['option 53 is not set under `options`'] },
  { name: 'option number', yaml: option('300: x'), says: ['a number from 1 to 254'] },
  { name: 'option twice', yaml: option('26: 1500\n      mtu: 1400'), says: ['options 26 and mtu are one'] },
  { name: 'option address', yaml: option('ntp-server: [10.66.66.1, ntp.org]'), says: ['is no such value'] },
  { name: 'option number out of range', yaml: option('mtu: 70000'), says: ['from 0 to 65535'] },
  { name: 'option routes', yaml: option('static-routes: 10.9.0.0/16'), says: ['PREFIX via ADDRESS'] },
  { name: 'option bytes', yaml: option('43: hex 0'), says: ['hex 01 04'] },
  { name: 'option domains', yaml: option('domain-search: [lan, "-x"]'), says: ['[lan, example.net]'] },
  {
    name: 'relay and range',
    yaml: loc('relay: 10.88.88.5, range: 10.66.66.100-10.66.66.200'),
    says: ['`range` is for a server', 'remove `range`, or `relay`'],
  },
  { name: 'relay without a router', yaml: 'dhcp:\n  dmz: { relay: 10.88.88.5 } #!', says: ["a router's address"] },
  { name: 'relay to its own segment', yaml: loc('relay: 10.66.66.5'), says: ['on the segment itself'] },
  { name: 'relay to IPv6', yaml: loc('relay: "2001:db8::1"'), says: ['2001:db8::1 is IPv6'] },
  {
    name: 'relay to nowhere',
    yaml: `nat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    interfaces: { loc: { segment: loc, address: 10.66.66.1/24 } }\n${loc('relay: 10.9.9.9')}`,
    says: ['router edge has no way to 10.9.9.9'],
  },
  { name: 'advertise without IPv6', yaml: loc('advertise: {}'), says: ['no router has an IPv6 address'] },
  { name: 'advertise IPv4', yaml: advertise('prefix: 10.66.66.0/24'), says: ['10.66.66.0/24 is IPv4'] },
  {
    name: 'advertise DNS of IPv4',
    yaml: advertise('dns: 10.66.66.1'),
    says: ['10.66.66.1 is IPv4', '`dns` of the segment'],
  },
  { name: 'advertise a domain', yaml: advertise('domain: "a b"'), says: ['`a b` is no domain'] },
  { name: 'advertise lifetime', yaml: advertise('lifetime: 10000'), says: ['from 0 to 9000'] },
  { name: 'advertise preferred', yaml: advertise('preferred: 90000'), says: ['longer than the 86400 s'] },
];
