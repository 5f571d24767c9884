/** Files with one mistake each: the line where it stands is marked `#!`, and what must be said of it. */

import { BAD_DHCP_FILES } from './bad-dhcp-files.ts';

export interface BadFile {
  name: string;
  /** Put below BASE's sections of other names; a section given here replaces BASE's. */
  yaml: string;
  /** Every one must be in the printed line. */
  says: string[];
}

/** A sound file; each bad one replaces some of its sections. */
export const BASE: Record<string, string> = {
  flowloom: 'flowloom: 1',
  hosts: `hosts:
  hv1: { ovsdb: tcp:10.0.0.1:6640, underlay: 192.168.50.4 }
  hv2: {}`,
  segments: `segments:
  loc: { vlan: 100, subnet: 10.66.66.0/24 }
  dmz: { vlan: 200, subnet: 10.77.0.0/24 }
  net: { vlan: 10 }`,
  bridges: `bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/web1: { access: loc, address: 10.66.66.67 }
      hv1/eth1: { trunk: [loc, dmz], native: net }`,
  routers: `routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: [10.88.88.66/24, 10.88.88.67/24] }
    routes: [default via 10.88.88.1]`,
  nat: `nat:
  - masquerade 10.66.66.0/24 out edge/net`,
  firewall: `firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [loc to net accept, net to all drop]`,
};

export function fileOf(yaml: string): string {
  const keys = new Set([...yaml.matchAll(/^([a-z]+):/gm)].map((match) => match[1]));
  const rest = Object.entries(BASE).filter(([key]) => !keys.has(key));
  return `${[...rest.map(([, text]) => text), yaml].join('\n')}\n`;
}

const port = (line: string) => `bridges:\n  br0:\n    hosts: [hv1, hv2]\n    ports:\n      ${line} #!`;
const second = (first: string, line: string) =>
  `bridges:\n  br0:\n    hosts: [hv1, hv2]\n    ports:\n      ${first}\n      ${line} #!`;
const segment = (line: string, first = 'loc: { vlan: 100, overlay: vxlan }') =>
  `segments:\n  ${first}\n  net: { vlan: 10 }\n  dmz: { vlan: 200 }\n  ${line} #!`;
const mesh = (overlay: string, hosts = 'hv1: { underlay: 10.0.0.1 }\n  hv2: { underlay: 10.0.0.2 }') =>
  `hosts:\n  ${hosts}\nsegments:\n  loc: { vlan: 100, overlay: { ${overlay} } } #!\n  net: { vlan: 10 }\n  dmz: { vlan: 200 }`;
/** Two segments side by side on two hosts. */
const beside = (
  first: string,
  then: string,
  rest = 'br0: { hosts: [hv1, hv2], ports: { hv1/a: { access: loc }, hv2/a: { access: loc }, hv1/b: { access: x }, hv2/b: { access: x } } }',
) =>
  `routers:\nnat:\nfirewall:\nhosts: { hv1: { underlay: 10.0.0.1 }, hv2: { underlay: 10.0.0.2 } }\nsegments:\n  loc: { vlan: 100, overlay: ${first} }\n  x: { vlan: 7, overlay: ${then} } #!\nbridges:\n  ${rest}`;
const router = (interfaces: string, rest = '') =>
  `nat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    interfaces:\n${interfaces}\n${rest}`;
const LOC = '      loc: { segment: loc, address: 10.66.66.1/24 }';
const NET = '      net: { segment: net, address: 10.88.88.66/24 }';
const selfAt = (line: string) => router(`${LOC}\n${NET}`, `    ${line}`);
const route = (line: string) => router(`${LOC}\n${NET}`, `    routes:\n      - ${line} #!`);
const route6 = (line: string) =>
  router(
    `${LOC}\n${NET.replace('10.88.88.66/24', '[10.88.88.66/24, "2001:db8:88::1/64"]')}`,
    `    routes:\n      - ${line} #!`,
  );
const nat = (line: string) => `nat:\n  - ${line} #!`;
const rule = (line: string) => `firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  rules:\n    - ${line} #!`;

export const BAD_FILES: BadFile[] = [
  ...BAD_DHCP_FILES,
  // YAML itself
  { name: 'YAML syntax', yaml: 'apps:\n  x: a: b #!', says: ['YAML'] },
  { name: 'duplicate key', yaml: 'apps:\n  a: {}\n  a: {} #!', says: ['twice', 'keep one'] },
  { name: 'tab', yaml: 'apps:\n\ta: {} #!', says: ['tab', 'spaces'] },
  { name: 'alias of itself', yaml: 'apps:\n  a: &x\n    b: *x #!', says: ['refers to itself'] },
  { name: 'alias of nothing', yaml: 'apps:\n  a: *x #!', says: ['*x', 'write the value out'] },
  { name: 'merge key', yaml: 'apps:\n  <<: {} #!', says: ['`<<`', 'write the keys out'] },
  { name: '__proto__', yaml: 'apps:\n  __proto__: {} #!', says: ['`__proto__`'] },
  { name: 'map as a key', yaml: 'apps:\n  ? {a: 1} #!\n  : 1', says: ['no plain word'] },
  { name: 'two documents', yaml: 'apps: {}\n--- #!\nflowloom: 1', says: ['more than one document'] },

  // Shape
  { name: 'version', yaml: 'flowloom: 2 #!', says: ['version 2 is not known', 'flowloom: 1'] },
  { name: 'unknown top key', yaml: 'bridge: {} #!', says: ['unknown key `bridge`', 'did you mean `bridges`'] },
  {
    name: 'unknown key of a host',
    yaml: 'hosts:\n  hv1: { ovsbd: tcp:10.0.0.1 } #!\n  hv2: {}',
    says: ['unknown key `ovsbd` in hosts.hv1', 'did you mean `ovsdb`'],
  },
  {
    name: 'unknown key of a port',
    yaml: port('hv1/web1: { acess: loc }'),
    says: ['unknown key `acess`', 'did you mean `access`'],
  },
  {
    name: 'unknown key far from any',
    yaml: port('hv1/web1: { zzzzzz: loc }'),
    says: ['unknown key', 'use one of access, trunk'],
  },
  {
    name: 'unknown key in a NAT object',
    yaml: nat('{ masquerade: 10.66.66.0/24, out: edge/net, prots: 1-2 }'),
    says: ['unknown key `prots`', 'did you mean `ports`'],
  },
  {
    name: 'unknown key in an overlay',
    yaml: segment('x: { overlay: { type: vxlan, vin: 7 } }'),
    says: ['unknown key `vin`', '`vni`'],
  },
  { name: 'list for a map', yaml: 'hosts: [hv1] #!', says: ['hosts: a list is not a map'] },
  { name: 'map for a list', yaml: 'nat: { a: 1 } #!', says: ['nat: a map is not a list'] },
  { name: 'name with a space', yaml: segment('"my net": {}'), says: ['the key `my net` is not a name'] },
  {
    name: 'a word for the hosts of a bridge',
    yaml: 'bridges:\n  br0: { hosts: hv1 } #!',
    says: ['bridges.br0.hosts: `hv1` is not a list of hosts', '[hv1, hv2], or `all`'],
  },
  {
    name: 'all hosts, and there are none',
    yaml: 'hosts:\nrouters:\nnat:\nfirewall:\nbridges:\n  br0: { hosts: all } #!',
    says: ['bridge br0: the file has no hosts'],
  },
  {
    name: 'one station on every host',
    yaml: port('"*/web1": { access: loc, address: 10.66.66.67 }'),
    says: ['port hv2/web1: 10.66.66.67 is on segment loc already, at port hv1/web1 (flowloom.yaml:'],
  },
  {
    name: 'port on every host, unknown segment',
    yaml: port('"*/web1": { access: lok }'),
    says: ['unknown segment `lok`'],
  },
  {
    name: 'port on every host, bad name',
    yaml: port('"*/a-name-of-16-char": { access: loc }').replace('[hv1, hv2]', '[hv1]'),
    says: ['port `hv1/a-name-of-16-char`', 'Linux takes 15'],
  },
  {
    name: 'missing hosts of a bridge',
    yaml: 'bridges:\n  br0: { ports: {} } #!',
    says: ['bridges.br0.hosts: is missing', '[hv1, hv2]'],
  },
  {
    name: 'empty hosts of a bridge',
    yaml: 'bridges:\n  br0: { hosts: [] } #!',
    says: ['bridges.br0.hosts', 'name the hosts'],
  },
  {
    name: 'datapath',
    yaml: 'bridges:\n  br0: { hosts: [hv1], datapath: kernel } #!',
    says: ['`kernel`', 'system or netdev'],
  },
  {
    name: 'forwarding',
    yaml: 'bridges:\n  br0: { hosts: [hv1], forwarding: flow } #!',
    says: ['`flow`', 'flows or normal'],
  },
  {
    name: 'bridge name',
    yaml: 'bridges:\n  a-bridge-name-too-long: { hosts: [hv1] } #!',
    says: ['interface name', '15 characters'],
  },
  {
    name: 'OVSDB target',
    yaml: 'hosts:\n  hv1: { ovsdb: 10.0.0.1 } #!\n  hv2: {}',
    says: ['not an OVSDB target', 'tcp:ADDRESS:6640'],
  },
  { name: 'OVSDB port', yaml: 'hosts:\n  hv1: { ovsdb: "tcp:10.0.0.1:66400" } #!\n  hv2: {}', says: ['above 65535'] },
  {
    name: 'TLS',
    yaml: 'hosts:\n  hv1: { ovsdb: "ssl:10.0.0.1:6640" } #!\n  hv2: {}',
    says: ["needs Flowloom's own key and certificates", 'tls: { privateKey'],
  },
  {
    name: 'underlay that is no address',
    yaml: 'hosts:\n  hv1: { underlay: "fd00::1::2" } #!\n  hv2: {}',
    says: ['`fd00::1::2` is not an IP address', '192.168.50.4'],
  },
  {
    name: 'underlay of one cable',
    yaml: 'hosts:\n  hv1: { underlay: "fe80::1" } #!\n  hv2: {}',
    says: ['fe80::1 is no address at which other hosts can reach it'],
  },
  {
    name: 'one IPv6 underlay for two hosts',
    yaml: 'hosts:\n  hv1: { underlay: "fd00::1" }\n  hv2: { underlay: "FD00:0::1" } #!',
    says: ['underlay address fd00::1'],
  },
  {
    name: 'IPv4 and IPv6 in one mesh',
    yaml: 'hosts:\n  hv1: { underlay: 10.0.0.1 }\n  hv2: { underlay: "fd00::2" } #!\nsegments: { loc: { vlan: 100, overlay: { type: vxlan, members: [hv1, hv2] } }, net: { vlan: 10 }, dmz: { vlan: 200 } }',
    says: ['host hv1, whose underlay is IPv4, and host hv2, whose underlay is IPv6', 'address of one kind'],
  },
  {
    name: 'VLAN 5000',
    yaml: segment('x: { vlan: 5000 }'),
    says: ['segments.x.vlan: 5000 is not a VLAN', 'from 1 to 4094'],
  },
  { name: 'VLAN 0', yaml: segment('x: { vlan: 0 }'), says: ['0 is not a VLAN'] },
  { name: 'VLAN in words', yaml: segment('x: { vlan: ten }'), says: ['`ten` is not a VLAN'] },
  {
    name: 'VNI',
    yaml: segment('x: { overlay: { type: vxlan, vni: 16777216 } }'),
    says: ['16777216 is not a VNI', '16777215'],
  },
  { name: 'TTL', yaml: segment('x: { overlay: { type: vxlan, vni: 1, ttl: 256 } }'), says: ['256 is not a TTL'] },
  {
    name: 'tunnel port',
    yaml: segment('x: { overlay: { type: vxlan, vni: 1, port: 0 } }'),
    says: ['0 is not a UDP port'],
  },
  { name: 'overlay without VNI', yaml: segment('x: { overlay: vxlan }'), says: ['no VNI', 'vni: 5000'] },
  { name: 'VNI 0', yaml: segment('x: { overlay: { type: gre, vni: 0 } }'), says: ['0 is not a VNI'] },
  {
    name: 'key of gre',
    yaml: segment('x: { overlay: { type: gre, vni: 4294967296 } }'),
    says: ['4294967296 is not a VNI', '4294967295'],
  },
  {
    name: 'port of gre',
    yaml: segment('x: { vlan: 7, overlay: { type: gre, port: 4789 } }'),
    says: ['gre has no ports', 'remove `port`'],
  },
  {
    name: 'one member',
    yaml: mesh('type: vxlan, members: [hv1]'),
    says: ['a list of two hosts or more'],
  },
  { name: 'member twice', yaml: mesh('type: vxlan, members: [hv1, hv2, hv1]'), says: ['member hv1 is listed twice'] },
  {
    name: 'unknown member',
    yaml: mesh('type: vxlan, members: [hv1, hv9]'),
    says: ['unknown host `hv9`', 'did you mean `hv'],
  },
  {
    name: 'member without underlay',
    yaml: mesh('type: vxlan, members: [hv1, hv2]', 'hv1: { underlay: 10.0.0.1 }\n  hv2: {}'),
    says: ["host hv2, a member of segment loc's overlay, has no `underlay`", 'add `underlay: ADDRESS` to hosts.hv2'],
  },
  {
    name: 'member without bridge',
    yaml: mesh(
      'type: vxlan, members: [hv1, hv2, hv3]',
      'hv1: { underlay: 10.0.0.1 }\n  hv2: { underlay: 10.0.0.2 }\n  hv3: { underlay: 10.0.0.3 }',
    ),
    says: ['host hv3', 'no bridge that carries the segment', 'add hv3 to the `hosts` of bridge br0'],
  },
  {
    name: "option that is Flowloom's",
    yaml: mesh('type: vxlan, options: { remote_ip: 10.0.0.9 }'),
    says: ['Flowloom itself sets the option `remote_ip`', '`underlay`'],
  },
  {
    name: 'TTL among the options',
    yaml: mesh('type: vxlan, options: { ttl: 9 }'),
    says: ['Flowloom itself sets the option `ttl`', 'write `ttl:` in the overlay'],
  },
  {
    name: 'list as an option',
    yaml: mesh('type: vxlan, options: { tos: [inherit] }'),
    says: ['a list is not a text'],
  },
  {
    name: 'IPsec on another port',
    yaml: mesh('type: vxlan, port: 4790, options: { psk: secret }'),
    says: ['IPsec guards vxlan on UDP port 4789 only', 'remove `port`'],
  },
  {
    name: 'two TTLs in one tunnel',
    yaml: beside('vxlan', '{ type: vxlan, ttl: 5 }'),
    says: ["cannot stand beside segment loc's (flowloom.yaml:", 'one tunnel on UDP port 4789', 'another `port`'],
  },
  {
    name: 'two protocols on one port',
    yaml: beside('vxlan', '{ type: geneve, port: 4789 }'),
    says: ["cannot stand beside segment loc's", 'type, ttl, perPeer, bfd or options'],
  },
  {
    name: 'two gre with other options',
    yaml: beside('gre', '{ type: gre, options: { psk: secret } }'),
    says: ['Open vSwitch takes one gre tunnel per host', 'another type'],
  },
  {
    name: 'one tunnel on two bridges',
    yaml: beside(
      'vxlan',
      'vxlan',
      'br0: { hosts: [hv1, hv2], ports: { hv1/a: { access: loc }, hv2/a: { access: loc } } }\n  br1: { hosts: [hv1, hv2], ports: { hv1/b: { access: x }, hv2/b: { access: x } } }',
    ),
    says: ['differ in their bridge', 'carry both on one bridge'],
  },
  {
    name: 'port with the name of a tunnel',
    yaml: beside(
      '{ type: vxlan, port: 4790 }',
      'vxlan',
      'br0: { hosts: [hv1, hv2], ports: { hv1/b: { access: x }, hv2/b: { access: x }, hv2/vx4789t64: { access: loc } } }',
    ),
    says: ['its tunnel port on host hv2 is to be vx4789t64, which is the name of a port (flowloom.yaml:'],
  },
  {
    name: 'subnet with host bits',
    yaml: segment('x: { subnet: 10.9.9.9/24 }'),
    says: ['beyond its length', '10.9.9.0/24'],
  },
  { name: 'subnet without length', yaml: segment('x: { subnet: 10.9.9.0 }'), says: ['not an IP prefix'] },
  {
    name: 'address',
    yaml: port('hv1/web1: { access: loc, address: 10.66.66.256 }'),
    says: ['not an IP address or prefix'],
  },
  {
    name: 'address with a leading zero',
    yaml: port('hv1/web1: { access: loc, address: 10.66.66.067 }'),
    says: ['not an IP address or prefix'],
  },
  { name: 'MAC', yaml: port('hv1/web1: { access: loc, mac: "02:00:00:00:01" }'), says: ['not a MAC address'] },
  { name: 'multicast MAC', yaml: port('hv1/web1: { access: loc, mac: "01:00:5e:00:00:01" }'), says: ['multicast'] },

  // Of a later version
  { name: 'switches', yaml: 'switches: {} #!', says: ['`switches` is not supported yet'] },
  {
    name: 'mirror',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1]\n    mirror: {} #!',
    says: ['`mirror` in bridges.br0 is not supported yet'],
  },
  {
    name: 'unknown option of an interface',
    yaml: router('      loc: { segment: loc, address: 10.66.66.1/24, options: [nosmurf] } #!'),
    says: ['`nosmurf` is not one of norfc1918, nosmurfs, tcpflags, routefilter, routeback'],
  },
  {
    name: 'an option twice',
    yaml: router('      loc: { segment: loc, address: 10.66.66.1/24, options: [tcpflags, tcpflags] } #!'),
    says: ['tcpflags stands twice', 'name it once'],
  },
  {
    name: 'stt',
    yaml: segment('x: { vlan: 7, overlay: stt }'),
    says: ['`stt` is not supported yet', 'vxlan or geneve or gre'],
  },
  { name: 'port type', yaml: port('hv1/web1: { type: wire }'), says: ['`wire` is not one of system, internal'] },
  { name: 'patch without peer', yaml: port('hv1/web1: { type: patch }'), says: ['needs its peer', 'peer: NAME'] },
  {
    name: 'peer of no patch',
    yaml: port('hv1/web1: { peer: web2 }'),
    says: ['`peer` is for patch ports', 'type: patch'],
  },
  {
    name: 'tunnel to nowhere',
    yaml: port('hv1/vx1: { type: vxlan }'),
    says: ['needs to know its other end', 'remote_ip'],
  },
  {
    name: 'bond on flows',
    yaml: port('hv1/bond0: { bond: [eth1, eth2], access: loc }'),
    says: ['a bond works where Open vSwitch forwards by itself', 'forwarding: normal'],
  },
  { name: 'bond of one', yaml: port('hv1/bond0: { bond: [eth1] }'), says: ['a list of two interfaces or more'] },
  { name: 'lacp without bond', yaml: port('hv1/web1: { lacp: active }'), says: ['`lacp` without `bond`'] },
  {
    name: 'native and native-tagged',
    yaml: port('hv1/web1: { trunk: [loc], native: dmz, native-tagged: net }'),
    says: ['both `native` and `native-tagged`', 'keep one'],
  },
  {
    name: 'native-tagged without trunk',
    yaml: port('hv1/web1: { native-tagged: net }'),
    says: ['`native-tagged` without `trunk`'],
  },

  // Columns of the database
  {
    name: 'unknown column',
    yaml: port('hv1/web1: { interface: { ldp: {} } }'),
    says: ['the table Interface has no column `ldp`', 'did you mean `lldp`'],
  },
  {
    name: 'column with a key of its own',
    yaml: port('hv1/web1: { columns: { tag: 7 } }'),
    says: ['Port.tag has a key of its own', 'access'],
  },
  {
    name: 'column that Open vSwitch tells',
    yaml: port('hv1/web1: { interface: { ofport: 7 } }'),
    says: ['Interface.ofport is what Open vSwitch tells'],
  },
  {
    name: 'column beyond its range',
    yaml: port('hv1/web1: { interface: { cfm_mpid: x } }'),
    says: ['Interface.cfm_mpid: integer expected'],
  },
  {
    name: 'column beyond its words',
    yaml: port('hv1/web1: { columns: { bond_mode: round-robin } }'),
    says: ['Port.bond_mode', 'round-robin', 'balance-slb'],
  },
  {
    name: 'a row that lacks a column',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    columns:\n      netflow: { active_timeout: 30 } #!',
    says: ['NetFlow.targets is missing'],
  },
  {
    name: 'two ways to one column',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    stp: true\n    columns:\n      stp_enable: false #!',
    says: ['Bridge.stp_enable is set by a key of its own as well'],
  },
  {
    name: "Flowloom's own mark",
    yaml: port('hv1/web1: { interface: { external_ids: { flowloom: me } } }'),
    says: ["external_ids:flowloom is Flowloom's own"],
  },

  // Controllers, mirrors
  {
    name: 'controllers without Flowloom',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    controllers: ["tcp:10.0.0.9:6653"] #!',
    says: ['its controllers leave Flowloom out', 'add `flowloom`'],
  },
  {
    name: 'protocols without 1.4',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    protocols: [OpenFlow13] #!',
    says: ['OpenFlow 1.4', 'add OpenFlow14'],
  },
  {
    name: 'mirror to nowhere',
    yaml: `${second('hv1/a:', 'hv1/b:').replace(' #!', '')}\n    mirrors:\n      m: { of: hv1/a } #!`,
    says: ['mirror m says not where its copies go', 'to: HOST/PORT'],
  },
  {
    name: 'mirror of a port that is not there',
    yaml: `${second('hv1/a:', 'hv1/b:').replace(' #!', '')}\n    mirrors:\n      m: { of: hv1/x, to: hv1/b } #!`,
    says: ['unknown port of bridge br0 `hv1/x`'],
  },
  {
    name: 'mirror between hosts',
    yaml: `${second('hv1/a:', 'hv2/b:').replace(' #!', '')}\n    mirrors:\n      m: { of: hv1/a, to: hv2/b } #!`,
    says: ['ports on hv2 and on hv1', 'one for each'],
  },
  {
    name: 'mirror into a segment',
    yaml: `${second('hv1/a:', 'hv1/b: { access: loc }').replace(' #!', '')}\n    mirrors:\n      m: { of: hv1/a, to: hv1/b } #!`,
    says: ['hv1/b is in a segment'],
  },

  {
    name: 'copies into a VLAN where flows forward',
    yaml: `${second('hv1/a:', 'hv1/b:').replace(' #!', '')}\n    mirrors:\n      m: { of: hv1/a, toVlan: loc } #!`,
    says: ['copies into a VLAN would go out by every port', 'forwarding: normal'],
  },
  {
    name: 'packet-ins of a manager',
    yaml: 'hosts:\n  hv1:\n    managers: [{ target: "tcp:10.0.0.9:6640", rateLimit: 1000 }] #!\n  hv2: {}',
    says: ['unknown key `rateLimit`'],
  },

  // Datapaths
  {
    name: 'one datapath id on two hosts',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    datapathId: "00000000000000b0" #!',
    says: ['bridge br0 on hv2 has the datapath id of bridge br0 on hv1', 'every switch needs its own'],
  },
  {
    name: 'one MAC address, and so one datapath id, on two hosts',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    otherConfig: { hwaddr: "02:00:00:00:00:01" } #!',
    says: ['bridge br0 on hv2 has the datapath id of bridge br0 on hv1', 'from the MAC address'],
  },
  {
    name: 'one datapath id of two bridges',
    yaml: 'routers:\nnat:\nfirewall:\nbridges:\n  br0: { hosts: [hv1], datapathId: "00000200000000AB" }\n  br1:\n    hosts: [hv2]\n    otherConfig: { hwaddr: "02:00:00:00:00:aB" } #!',
    says: ['bridge br1 on hv2 has the datapath id of bridge br0 on hv1'],
  },
  {
    name: 'a tunnel that the userspace datapath cannot do',
    yaml: 'routers:\nnat:\nfirewall:\nbridges:\n  br0:\n    hosts: [hv1]\n    datapath: netdev\n    ports:\n      hv1/t: { type: stt, options: { remote_ip: 10.0.0.9 } } #!',
    says: ['port hv1/t: ', 'which bridge br0 uses, cannot do stt', 'write vxlan, geneve, gre'],
  },

  // Hosts and segments
  {
    name: 'one OVSDB for two hosts',
    yaml: 'hosts:\n  hv1: { ovsdb: tcp:10.0.0.1 }\n  hv2: { ovsdb: "tcp:10.0.0.1:6640" } #!',
    says: ["host hv2: the OVSDB tcp:10.0.0.1:6640 is host hv1's"],
  },
  {
    name: 'one system id for two hosts',
    yaml: 'hosts:\n  hv1: {}\n  hv2: { systemId: hv1 } #!',
    says: ['system id hv1'],
  },
  {
    name: 'one underlay for two hosts',
    yaml: 'hosts:\n  hv1: { underlay: 10.0.0.1 }\n  hv2: { underlay: 10.0.0.1 } #!',
    says: ['underlay address 10.0.0.1'],
  },
  { name: 'duplicate VLAN', yaml: segment('x: { vlan: 100 }'), says: ["VLAN 100 is segment loc's"] },
  {
    name: 'duplicate VNI',
    yaml: segment('x: { overlay: { type: vxlan, vni: 100 } }'),
    says: ["VNI 100 is segment loc's"],
  },
  {
    name: 'overlay without underlay',
    yaml: 'segments:\n  loc: { vlan: 100, overlay: vxlan }\n  dmz: { vlan: 200 }\n  net: { vlan: 10 }\nhosts:\n  hv1: { underlay: 192.168.50.4 }\n  hv2: {} #!\nbridges:\n  br0:\n    hosts: [hv1, hv2]\n    ports: { hv1/a: { access: loc }, hv2/b: { access: loc } }',
    says: ['host hv2 has no `underlay`', 'segment loc'],
  },

  // Bridges and ports
  {
    name: 'unknown host of a bridge',
    yaml: 'bridges:\n  br0: { hosts: [hv1, hv3] } #!',
    says: ['unknown host `hv3`', 'did you mean'],
  },
  { name: 'host listed twice', yaml: 'bridges:\n  br0: { hosts: [hv1, hv1] } #!', says: ['listed twice'] },
  { name: 'port of an unknown host', yaml: port('hv3/web1: { access: loc }'), says: ['unknown host `hv3`'] },
  {
    name: 'port of a host without the bridge',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1]\n    ports:\n      hv2/web1: { access: loc } #!',
    says: ['bridge br0 is not on host hv2'],
  },
  { name: 'port without a host', yaml: port('web1: { access: loc }'), says: ['names no host', 'hv1/web1'] },
  { name: 'port name too long', yaml: port('hv1/interface-too-long: {}'), says: ['18 characters', '15'] },
  { name: 'port named twice', yaml: second('hv1/web1: {}', 'hv1/web1: {}'), says: ['twice'] },
  {
    name: 'port on two bridges',
    yaml: 'bridges:\n  br0: { hosts: [hv1], ports: { hv1/web1: { access: loc } } }\n  br1: { hosts: [hv1], ports: { hv1/web1: {} } } #!',
    says: ['port hv1/web1 of bridge br1 is already a port of bridge br0'],
  },
  {
    name: 'two MAC addresses of a bridge',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1]\n    otherConfig: { hwaddr: "02:00:00:00:00:01" }\n    ports:\n      hv1/br0: { access: loc, mac: "02:00:00:00:00:02" } #!',
    says: ['hv1/br0', 'hwaddr', 'keep one of them'],
  },
  {
    name: "port with another bridge's name",
    yaml: 'bridges:\n  br0: { hosts: [hv1], ports: { hv1/web1: { access: loc } } }\n  br1: { hosts: [hv1], ports: { hv1/br0: {} } } #!',
    says: ['port hv1/br0 of bridge br1 is already the own interface of bridge br0'],
  },
  {
    name: 'unknown segment',
    yaml: port('hv1/web1: { access: lco }'),
    says: ['unknown segment `lco`', 'did you mean `loc`'],
  },
  {
    name: 'unknown segment of a trunk',
    yaml: port('hv1/web1: { trunk: [loc, guests] }'),
    says: ['unknown segment `guests`'],
  },
  {
    name: 'unknown native segment',
    yaml: port('hv1/web1: { trunk: [loc], native: nett }'),
    says: ['unknown segment `nett`'],
  },
  {
    name: 'access and trunk',
    yaml: port('hv1/web1: { access: loc, trunk: [dmz] }'),
    says: ['both `access` and `trunk`'],
  },
  { name: 'native alone', yaml: port('hv1/web1: { native: loc }'), says: ['`native` without `trunk`', 'access: loc'] },
  { name: 'empty trunk', yaml: port('hv1/web1: { trunk: [] }'), says: ['carries no segment'] },
  { name: 'segment twice on a trunk', yaml: port('hv1/web1: { trunk: [loc, loc] }'), says: ['listed twice'] },
  {
    name: 'trunk of a segment without VLAN',
    yaml: `segments:\n  loc: {}\n  net: {}\n${port('hv1/web1: { trunk: [loc] }')}`,
    says: ['segment loc has no VLAN'],
  },
  {
    name: 'normal bridge, no VLAN',
    yaml: 'segments:\n  loc: {}\n  net: {}\nrouters:\nnat:\nfirewall:\nbridges:\n  br0:\n    hosts: [hv1]\n    forwarding: normal\n    ports:\n      hv1/a: { access: loc } #!',
    says: ['forwards `normal`', 'needs a VLAN'],
  },
  {
    name: 'normal bridge, overlay',
    yaml: 'segments:\n  loc: { vlan: 1, overlay: vxlan }\nrouters:\nnat:\nfirewall:\nbridges:\n  br0:\n    hosts: [hv1]\n    forwarding: normal\n    ports:\n      hv1/a: { access: loc } #!',
    says: ['does not carry the overlay of segment loc'],
  },

  // Ports that others create
  {
    name: 'select without a mark',
    yaml: port('hv1/web: { select: {}, access: loc }'),
    says: ['`select` says nothing of the port', '`ifaceId`'],
  },
  {
    name: 'select as a text',
    yaml: port('hv1/web: { select: vnet3, access: loc }'),
    says: ['`vnet3` is not a map', '{ name: vnet3 }'],
  },
  {
    name: 'unknown mark',
    yaml: port('hv1/web: { select: { iface-id: x }, access: loc }'),
    says: ['unknown key `iface-id`', 'did you mean `ifaceId`'],
  },
  {
    name: 'external ids without one',
    yaml: port('hv1/web: { select: { externalIds: {} } }'),
    says: ['externalIds', 'a map with a key in it'],
  },
  {
    name: 'MAC to select',
    yaml: port('hv1/web: { select: { mac: 52:54 } }'),
    says: ['select.mac', 'not a MAC address'],
  },
  {
    name: 'pattern and select',
    yaml: port('"hv1/vnet*": { select: { ifaceId: x } }'),
    says: ['by its key and by `select`', 'write the pattern as `name`'],
  },
  {
    name: 'label with a colon',
    yaml: port('"hv1/web:1": { select: { name: vnet3 } }'),
    says: ['`web:1` is no label', '1 to 32 letters'],
  },
  {
    name: 'pattern too long',
    yaml: port('hv1/web: { select: { name: "very-long-interface-name-*" } }'),
    says: ['no interface has a name like `very-long-interface-name-*`', '15 characters'],
  },
  {
    name: 'pattern of a key too long',
    yaml: port('"hv1/very-long-interface-name-*": {}'),
    says: ['no interface has a name like', '15 characters'],
  },
  {
    name: 'a setting that a selected port cannot have',
    yaml: port('"hv1/vnet*": { access: loc, type: internal }'),
    says: ['`type` is not for a port that another program makes', 'remove it'],
  },
  {
    name: 'a setting that a port selected on every host cannot have',
    yaml: port('"*/vnet*": { access: loc, type: internal }'),
    says: ['`type` is not for a port that another program makes'],
  },
  {
    name: 'one address for two labels',
    yaml: second(
      'hv1/a: { select: { name: x }, access: loc, address: 10.66.66.7 }',
      'hv2/b: { select: { name: x }, access: loc, address: 10.66.66.7 }',
    ),
    says: ['port hv2/b: 10.66.66.7 is on segment loc already, at port hv1/a'],
  },
  {
    name: 'selected on a normal bridge',
    yaml: 'routers:\nnat:\nfirewall:\nbridges:\n  br0:\n    hosts: [hv1]\n    forwarding: normal\n    ports:\n      hv1/vnet*: { access: loc } #!',
    says: ['port vnet*: bridge br0 forwards `normal`', "another program's", 'remove `forwarding: normal`'],
  },
  {
    name: 'selected and listed',
    yaml: second('hv1/vnet3: { access: loc }', 'hv1/web: { select: { name: vnet3 } }'),
    says: ['port web selects vnet3, which the file has as a port of its own', 'flowloom.yaml:'],
  },
  {
    name: 'selected twice',
    yaml: second(
      'hv1/a: { select: { name: "vnet*", mac: "52:54:00:00:00:AA" } }',
      'hv1/b: { select: { mac: "52:54:00:00:00:aa", name: "vnet*" } }',
    ),
    says: ['port b selects the same as port a (flowloom.yaml:'],
  },
  {
    name: 'one address on a port and on a pattern',
    yaml: second('hv1/a: { access: loc, address: 10.66.66.7 }', 'hv1/vnet*: { access: loc, address: 10.66.66.7 }'),
    says: ['port hv1/vnet*: 10.66.66.7 is on segment loc already, at port hv1/a'],
  },
  {
    name: 'pattern on an unknown segment',
    yaml: port('hv1/vnet*: { access: lco }'),
    says: ['unknown segment `lco`'],
  },

  // Addresses
  {
    name: 'one address on two ports',
    yaml: second('hv1/a: { access: loc, address: 10.66.66.7 }', 'hv2/b: { access: loc, address: 10.66.66.7 }'),
    says: ['port hv2/b: 10.66.66.7 is on segment loc already, at port hv1/a'],
  },
  {
    name: "a router's address on a port",
    yaml: port('hv1/a: { access: loc, address: 10.66.66.1 }'),
    says: ['10.66.66.1', 'router edge, interface loc'],
  },
  {
    name: 'one MAC on two ports',
    yaml: second(
      'hv1/a: { access: loc, mac: "02:00:00:00:00:01" }',
      'hv2/b: { access: loc, mac: "02:00:00:00:00:01" }',
    ),
    says: ['02:00:00:00:00:01', 'port hv1/a'],
  },
  {
    name: 'a prefix of a port with host bits',
    yaml: port('hv1/a: { access: loc, address: 10.66.66.9/28 }'),
    says: ['bits set beyond its length', 'write 10.66.66.0/28'],
  },
  {
    name: 'one of several addresses outside the subnet',
    yaml: port('hv1/a: { access: loc, address: [10.66.66.9, 10.77.0.5] }'),
    says: ['10.77.0.5 is not within 10.66.66.0/24'],
  },
  {
    name: 'addresses that overlap',
    yaml: second('hv1/a: { access: loc, address: 10.66.66.9 }', 'hv1/b: { access: loc, address: 10.66.66.8/29 }'),
    says: ['10.66.66.8/29 overlaps 10.66.66.9 on segment loc, at port hv1/a', 'its own addresses'],
  },
  {
    name: 'two MAC addresses and a second owner',
    yaml: second(
      'hv1/a: { access: loc, mac: ["02:00:00:00:00:01", "02:00:00:00:00:02"] }',
      'hv1/b: { access: loc, mac: "02:00:00:00:00:02" }',
    ),
    says: ['02:00:00:00:00:02 is on segment loc already, at port hv1/a'],
  },
  {
    name: 'what a port serves',
    yaml: port('hv1/a: { access: loc, address: 10.66.66.9, serves: [dns] }'),
    says: ['`dns` is not one of dhcp, ra'],
  },
  {
    name: 'address outside the subnet',
    yaml: port('hv1/a: { access: loc, address: 10.77.0.5 }'),
    says: ['10.77.0.5 is not within 10.66.66.0/24'],
  },
  {
    name: 'broadcast address',
    yaml: port('hv1/a: { access: loc, address: 10.66.66.255 }'),
    says: ['no address that a station can have'],
  },

  // Routers
  {
    name: 'unknown host of a router',
    yaml: 'nat:\nfirewall:\nrouters:\n  edge:\n    host: hv9 #!\n    interfaces:\n      loc: { segment: loc, address: 10.66.66.1/24 }',
    says: ['unknown host `hv9`'],
  },
  {
    name: 'unknown segment of a router',
    yaml: router('      loc: { segment: nowhere, address: 10.66.66.1/24 } #!'),
    says: ['unknown segment `nowhere`', 'loc, dmz, net'],
  },
  {
    name: 'interface without a prefix length',
    yaml: router('      loc: { segment: loc, address: 10.66.66.1 } #!'),
    says: ['prefix length', '10.66.66.1/24'],
  },
  {
    name: 'interface without a segment',
    yaml: router('      loc: { address: 10.66.66.1/24 } #!'),
    says: ['routers.edge.interfaces.loc.segment: is missing'],
  },
  {
    name: 'interface outside the subnet',
    yaml: router('      loc: { segment: loc, address: 10.67.66.1/24 } #!'),
    says: ['10.67.66.1/24 is not within 10.66.66.0/24'],
  },
  {
    name: 'interface with a wider prefix',
    yaml: router('      loc: { segment: loc, address: 10.66.66.1/16 } #!'),
    says: ['10.66.66.1/16 is not within'],
  },
  {
    name: 'interface with the network address',
    yaml: router('      net: { segment: net, address: 10.88.88.0/24 } #!'),
    says: ['no address that a router can have'],
  },
  {
    name: 'overlapping prefixes',
    yaml: router(`${LOC}\n      net: { segment: net, address: 10.66.0.1/16 } #!`),
    says: ['overlaps 10.66.66.1/24 of interface loc'],
  },
  {
    name: 'the same address twice',
    yaml: router(
      '      net:\n        segment: net\n        address:\n          - 10.88.88.66/24\n          - 10.88.88.66/24 #!',
    ),
    says: ['10.88.88.66 stands twice'],
  },
  {
    name: 'one address on two routers',
    yaml: `${router(NET)}  two:\n    host: hv1\n    interfaces:\n      net: { segment: net, address: 10.88.88.66/24 } #!`,
    says: ['10.88.88.66 is on segment net already'],
  },
  {
    name: 'two interfaces on a segment',
    yaml: router(`${NET}\n      net2: { segment: net, address: 10.89.88.66/24 } #!`),
    says: ['segment net has interface net already'],
  },
  {
    name: 'no interface',
    yaml: 'nat:\nfirewall:\nrouters:\n  edge: { host: hv1, interfaces: {} } #!',
    says: ['router edge has no interface'],
  },
  {
    name: 'no bridge on the host',
    yaml: 'bridges:\n  br0: { hosts: [hv2] }\nnat:\nfirewall:\nrouters:\n  edge:\n    host: hv1 #!\n    interfaces:\n      loc: { segment: loc, address: 10.66.66.1/24 }',
    says: ['router edge', 'no bridge', 'host hv1'],
  },
  {
    name: 'segments on two bridges',
    yaml: 'bridges:\n  br0: { hosts: [hv1], ports: { hv1/a: { access: loc } } }\n  br1: { hosts: [hv1], ports: { hv1/b: { access: net } } }\nnat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    interfaces: #!\n      loc: { segment: loc, address: 10.66.66.1/24 }\n      net: { segment: net, address: 10.88.88.66/24 }',
    says: ['several bridges', 'br0 and br1'],
  },
  {
    name: 'two bridges, no port',
    yaml: 'bridges:\n  br0: { hosts: [hv1] }\n  br1: { hosts: [hv1] }\nnat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    interfaces: #!\n      loc: { segment: loc, address: 10.66.66.1/24 }',
    says: ['no port of host hv1', 'br0 and br1'],
  },
  {
    name: 'gateway elsewhere',
    yaml: route('default via 10.99.0.1'),
    says: ['gateway 10.99.0.1 is on no connected prefix', '10.88.88.0/24'],
  },
  {
    name: 'gateway elsewhere, as an object',
    yaml: route('{ prefix: 10.9.0.0/16, via: 10.99.0.1 }'),
    says: ['gateway 10.99.0.1'],
  },
  {
    name: 'self on another host',
    yaml: selfAt('self: hv2/eth9 #!'),
    says: ['router edge is on host hv1', 'write a port of host hv1'],
  },
  {
    name: 'self at a port that is not there',
    yaml: selfAt('self: hv1/gw9 #!'),
    says: ['bridge br0 has no port hv1/gw9', 'add `hv1/gw9: { type: internal }`'],
  },
  {
    name: 'self on a trunk',
    yaml: selfAt('self: hv1/eth1 #!'),
    says: ['hv1/eth1 is a trunk port'],
  },
  {
    name: 'self on a segment where the router has nothing',
    yaml: `bridges:\n  br0: { hosts: [hv1], ports: { hv1/gw0: { type: internal, access: dmz } } }\n${selfAt('self: hv1/gw0 #!')}`,
    says: ['hv1/gw0 is on segment dmz, where the router has no interface'],
  },
  {
    name: 'follow without self',
    yaml: router('      loc: { segment: loc, address: follow } #!'),
    says: ['router edge has no `self`', 'write `self: HOST/PORT`'],
  },
  {
    name: 'follow on another segment than self',
    yaml: `bridges:\n  br0: { hosts: [hv1], ports: { hv1/gw0: { type: internal, access: loc } } }\nnat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    self: hv1/gw0\n    interfaces:\n      loc: { segment: loc, address: 10.66.66.1/24 }\n      dmz: { segment: dmz, address: follow } #!`,
    says: ['that port is not on segment dmz'],
  },
  {
    name: 'follow without a subnet',
    yaml: `bridges:\n  br0: { hosts: [hv1], ports: { hv1/gw0: { type: internal, access: net } } }\nnat:\nfirewall:\nrouters:\n  edge:\n    host: hv1\n    self: hv1/gw0\n    interfaces:\n      net: { segment: net, address: follow } #!`,
    says: ['segment net has no `subnet`'],
  },
  { name: 'gateway is the router', yaml: route('default via 10.88.88.66'), says: ["the router's own address"] },
  { name: 'route in other words', yaml: route('default dev eth0'), says: ['PREFIX via ADDRESS'] },
  { name: 'route without a gateway', yaml: route('default via'), says: ['via: `` is not an IP address'] },
  {
    name: 'IPv6 gateway of an IPv4 prefix',
    yaml: route('10.9.0.0/16 via 2001:db8::9'),
    says: ['the gateway 2001:db8::9 is IPv6, and the prefix is IPv4', 'write an IPv4 address'],
  },
  {
    name: 'one gateway twice',
    yaml: route('10.9.0.0/16 via 10.66.66.9, 10.66.66.10, 10.66.66.9'),
    says: ['the gateway 10.66.66.9 stands twice'],
  },
  {
    name: 'link-local gateway without its interface',
    yaml: route6('default via fe80::1'),
    says: ['the gateway fe80::1 is link-local', 'write `via fe80::1 dev INTERFACE`, with one of net'],
  },
  {
    name: 'link-local gateway at an interface without IPv6',
    yaml: route6('default via fe80::1 dev loc'),
    says: [
      'fe80::1 is IPv6, and interface loc has no IPv6 address',
      'write `via fe80::1 dev INTERFACE`, with one of net',
    ],
  },
  {
    name: 'IPv6 gateway of a router without IPv6',
    yaml: route('default via 2001:db8::9'),
    says: ['2001:db8::9 is IPv6, and no interface of the router has an IPv6 address', 'write the IPv4 address'],
  },
  {
    name: 'gateway at an interface that is not there',
    yaml: route('default via 10.88.88.1 dev eth0'),
    says: ['there is no interface eth0', 'with one of loc, net'],
  },
  {
    name: 'broadcast address as gateway',
    yaml: route('default via 10.88.88.255'),
    says: ["10.88.88.255 is the network's own address or the broadcast address of 10.88.88.0/24"],
  },
  {
    name: 'prefix of IPv6 in place of an address in it',
    yaml: router('      net: { segment: net, address: "2001:db8:88::/64" } #!'),
    says: ['2001:db8:88::/64 is no address that a router can have', 'write an address inside 2001:db8:88::/64'],
  },
  {
    name: 'gateway at another interface',
    yaml: route('default via 10.88.88.1 dev loc'),
    says: ['10.88.88.1 is on no connected prefix of interface loc', 'write an address of 10.66.66.0/24'],
  },
  {
    name: 'gateway and type',
    yaml: route('{ prefix: 10.9.0.0/16, via: 10.66.66.9, type: blackhole }'),
    says: ['both a gateway and a type'],
  },
  { name: 'unknown type of a route', yaml: route('10.9.0.0/16 throw'), says: ['unreachable, prohibit, blackhole'] },
  {
    name: 'link-local address of a router',
    yaml: router('      net: { segment: net, address: "fe80::1/64" } #!'),
    says: ['fe80::1/64 is a link-local address', 'leave it out'],
  },
  {
    name: 'IPv6 address outside its subnet',
    yaml: `segments:\n  loc: { vlan: 100, subnet: ["2001:db8:1::/64"] }\n  dmz: { vlan: 200 }\n  net: { vlan: 10 }\n${router('      loc: { segment: loc, address: ["2001:db8:2::1/64"] } #!')}`,
    says: ['2001:db8:2::1/64 is not within 2001:db8:1::/64'],
  },
  {
    name: 'IPv6 prefixes of two interfaces overlap',
    yaml: router(
      '      loc: { segment: loc, address: "2001:db8:1::1/48" }\n      net: { segment: net, address: ["2001:db8:1:2::1/64"] } #!',
    ),
    says: ['2001:db8:1:2::1/64 overlaps 2001:db8:1::1/48 of interface loc'],
  },
  {
    name: 'route twice',
    yaml: router(`${LOC}\n${NET}`, '    routes:\n      - default via 10.88.88.1\n      - 0.0.0.0/0 via 10.88.88.2 #!'),
    says: ['stands twice'],
  },
  {
    name: 'route of a connected prefix',
    yaml: route('10.66.66.0/24 via 10.88.88.1'),
    says: ['this prefix is connected'],
  },

  // NAT
  {
    name: 'nat without a router',
    yaml: 'routers: {}\nfirewall: {zones: {}}\nnat: #!\n  - masquerade 10.66.66.0/24 out edge/net',
    says: ['`nat` needs a router'],
  },
  {
    name: 'unknown NAT verb',
    yaml: nat('masqerade 10.66.66.0/24 out edge/net'),
    says: ['unknown NAT rule `masqerade`', 'did you mean `masquerade`'],
  },
  {
    name: 'a NAT verb of netfilter',
    yaml: nat('dnat tcp 10.88.88.66:80 to 10.66.66.67'),
    says: ['unknown NAT rule `dnat`', 'did you mean `forward`'],
  },
  {
    name: 'NAT grammar',
    yaml: nat('masquerade 10.66.66.0/24 via edge/net'),
    says: ['masquerade PREFIX out ROUTER/INTERFACE'],
  },
  { name: 'NAT without out', yaml: nat('masquerade 10.66.66.0/24'), says: ['out: is missing', 'ROUTER/INTERFACE'] },
  {
    name: 'NAT ports',
    yaml: nat('masquerade 10.66.66.0/24 out edge/net ports 9000-8000'),
    says: ['write 8000-9000'],
  },
  {
    name: 'NAT ports above 65535',
    yaml: nat('masquerade 10.66.66.0/24 out edge/net ports 1024-65536'),
    says: ['up to 65535'],
  },
  {
    name: 'unknown router',
    yaml: nat('masquerade 10.66.66.0/24 out egde/net'),
    says: ['unknown router `egde`', 'did you mean `edge`'],
  },
  {
    name: 'unknown interface',
    yaml: nat('masquerade 10.66.66.0/24 out edge/wan'),
    says: ['unknown interface of router edge `wan`'],
  },
  {
    name: 'snat to a foreign address',
    yaml: nat('snat 10.66.66.0/24 to 10.99.0.9 out edge/net'),
    says: ['10.99.0.9 is not an address of edge/net', '10.88.88.0/24', '10.99.0.9/32'],
  },
  {
    name: 'snat to a range that leaves the prefix',
    yaml: nat('snat 10.66.66.0/24 to 10.88.88.250-10.88.89.2 out edge/net'),
    says: ['nor on a prefix of it'],
  },
  {
    name: 'snat to a broadcast address',
    yaml: nat('snat 10.66.66.0/24 to 10.88.88.255 out edge/net'),
    says: ["10.88.88.255 is the network's own or its broadcast address"],
  },
  {
    name: 'snat to a range upside down',
    yaml: nat('snat 10.66.66.0/24 to 10.88.88.70-10.88.88.67 out edge/net'),
    says: ['upside down', 'write 10.88.88.67-10.88.88.70'],
  },
  {
    name: 'snat to a range of two families',
    yaml: nat('snat 10.66.66.0/24 to 10.88.88.70-2001:db8::1 out edge/net'),
    says: ['not an IP address, a range or a prefix'],
  },
  {
    name: 'snat to IPv6',
    yaml: nat('snat 10.66.66.0/24 to 2001:db8::1 out edge/net'),
    says: ['10.66.66.0/24 is IPv4 and 2001:db8::1 is IPv6', 'IPv4 address'],
  },
  {
    name: 'masquerade of IPv6 at an interface without',
    yaml: nat('masquerade 2001:db8::/64 out edge/net'),
    says: ['edge/net has no IPv6 address'],
  },
  {
    name: 'masquerade out of the inside',
    yaml: nat('masquerade 10.66.66.0/24 out edge/loc'),
    says: ['10.66.66.0/24 is on edge/loc itself', 'towards the outside'],
  },
  {
    name: 'exempt to IPv6',
    yaml: nat('exempt 10.66.66.0/24 to 2001:db8::/32 out edge/net'),
    says: ['is IPv4 and 2001:db8::/32 is IPv6'],
  },
  { name: 'exempt without out', yaml: nat('exempt 10.66.66.0/24 to 10.9.0.0/16'), says: ['out: is missing'] },
  {
    name: 'NAT twice',
    yaml: `nat:\n  - masquerade 10.66.66.0/24 out edge/net\n  - snat 10.66.66.0/24 to 10.88.88.67 out edge/net #!`,
    says: ['never applies'],
  },
  {
    name: 'forward of a foreign address',
    yaml: nat('forward tcp 10.99.0.9:80 to 10.66.66.67:80'),
    says: ['no router interface has the address 10.99.0.9'],
  },
  {
    name: 'forward of a broadcast address',
    yaml: nat('forward tcp 10.88.88.255:80 to 10.66.66.67:80'),
    says: ['first or last address of 10.88.88.0/24'],
  },
  {
    name: 'forward of an unknown interface',
    yaml: nat('forward tcp edge/wan:80 to 10.66.66.67:80'),
    says: ['unknown interface of router edge `wan`'],
  },
  {
    name: 'forward to nowhere',
    yaml: nat('forward tcp 10.88.88.66:80 to 10.99.0.1:80'),
    says: ['no interface or route towards 10.99.0.1'],
  },
  {
    name: 'forward to the router',
    yaml: nat('forward tcp 10.88.88.66:80 to 10.66.66.1:80'),
    says: ['router edge itself'],
  },
  {
    name: 'forward to a network',
    yaml: nat('forward tcp 10.88.88.66:80 to 10.66.66.0:80'),
    says: ["the network's own"],
  },
  {
    name: 'forward of another protocol',
    yaml: nat('forward sctp 10.88.88.66:80 to 10.66.66.67:80'),
    says: ['`sctp`', 'tcp or udp'],
  },
  {
    name: 'forward without a port',
    yaml: nat('forward tcp 10.88.88.66 to 10.66.66.67:80'),
    says: ['an address and a port'],
  },
  {
    name: 'forward to IPv6',
    yaml: nat('forward tcp 10.88.88.66:80 to [2001:db8::5]:80'),
    says: ['10.88.88.66 is IPv4', 'IPv6'],
  },
  {
    name: 'forward of an interface to IPv6',
    yaml: nat('forward tcp edge/net:80 to [2001:db8::5]:80'),
    says: ['edge/net has no IPv6 address'],
  },
  {
    name: 'forward from IPv6',
    yaml: nat('forward tcp 10.88.88.66:80 from 2001:db8::/32 to 10.66.66.67:80'),
    says: ['is IPv6'],
  },
  {
    name: 'forward of a range to one port',
    yaml: nat('forward tcp 10.88.88.66:80-90 to 10.66.66.67:80'),
    says: ['11 ports go to 1', '10.66.66.67:80-90'],
  },
  {
    name: 'forward of a range upside down',
    yaml: nat('forward tcp 10.88.88.66:90-80 to 10.66.66.67'),
    says: ['upside down', '80-90'],
  },
  {
    name: 'forward of too many ports that move',
    yaml: nat('forward tcp 10.88.88.66:10000-12000 to 10.66.66.67:20000-22000'),
    says: ['2001 ports are moved', '1024'],
  },
  {
    name: 'forward port above 65535',
    yaml: nat('forward tcp 10.88.88.66:65536 to 10.66.66.67:80'),
    says: ['an address and a port'],
  },
  {
    name: 'forward in other words',
    yaml: nat('forward tcp 10.88.88.66:80 via 10.66.66.67:80'),
    says: ['forward tcp|udp ADDRESS:PORT [from PREFIX] to ADDRESS[:PORT]'],
  },
  { name: 'one-to-one without a partner', yaml: nat('one-to-one 10.88.88.68'), says: ['with: is missing'] },
  {
    name: 'one-to-one as an object without a partner',
    yaml: nat('{ one-to-one: 10.88.88.68 }'),
    says: ['with: is missing'],
  },
  {
    name: 'one-to-one of two lengths',
    yaml: nat('one-to-one 10.88.88.64/30 with 10.66.66.64/29'),
    says: ['length 30 and one of 29', '10.66.66.64/30'],
  },
  {
    name: 'one-to-one of two families',
    yaml: nat('one-to-one 10.88.88.68 with 2001:db8::5'),
    says: ['is IPv4 and 2001:db8::5 is IPv6'],
  },
  {
    name: 'one-to-one of host bits',
    yaml: nat('one-to-one 10.88.88.65/30 with 10.66.66.64/30'),
    says: ['bits set beyond its length', '10.88.88.64/30'],
  },
  {
    name: 'one-to-one of too many',
    yaml: nat('one-to-one 10.88.0.0/20 with 10.66.0.0/20'),
    says: ['4096 addresses are more than the 256', 'length 24'],
  },
  {
    name: 'one-to-one to nowhere',
    yaml: nat('one-to-one 10.88.88.68 with 10.99.0.68'),
    says: ['no interface or route towards 10.99.0.68'],
  },
  {
    name: 'one-to-one of the gateway',
    yaml: nat('one-to-one 10.88.88.0/30 with 10.66.66.0/30'),
    says: ['10.88.88.1 is the gateway of a route of router edge'],
  },
  {
    name: 'snat to the gateway',
    yaml: nat('snat 10.66.66.0/24 to 10.88.88.1-10.88.88.5 out edge/net'),
    says: ['10.88.88.1 is the gateway', 'nobody has'],
  },
  {
    name: 'one-to-one of a foreign address',
    yaml: nat('one-to-one 10.99.0.68 with 10.66.66.68'),
    says: ['no router interface has the address 10.99.0.68'],
  },
  {
    name: 'one-to-one of the router inside',
    yaml: nat('one-to-one 10.88.88.68 with 10.66.66.1'),
    says: ['router edge itself'],
  },
  {
    name: 'two one-to-one for a public address',
    yaml: `nat:\n  - one-to-one 10.88.88.64/30 with 10.66.66.64/30\n  - one-to-one 10.88.88.66 with 10.66.66.99 #!`,
    says: ['public addresses are those of `one-to-one 10.88.88.64/30'],
  },
  {
    name: 'two one-to-one for an inside address',
    yaml: `nat:\n  - one-to-one 10.88.88.70 with 10.66.66.70\n  - one-to-one 10.88.88.71 with 10.66.66.70 #!`,
    says: ['inside addresses are those of', 'one partner'],
  },
  {
    name: 'two forwards of a port',
    yaml: `nat:\n  - forward tcp 10.88.88.66:80 to 10.66.66.67:80\n  - { forward: tcp, address: "10.88.88.66:80", to: "10.66.66.68:80" } #!`,
    says: ['never applies', 'forward tcp 10.88.88.66:80 to 10.66.66.67:80'],
  },
  {
    name: 'a forward of an interface, and of its address',
    yaml: `nat:\n  - forward tcp edge/net:80 to 10.66.66.67\n  - forward tcp 10.88.88.66:80 to 10.66.66.68 #!`,
    says: ['never applies', 'forward tcp edge/net:80 to 10.66.66.67', 'keep one'],
  },
  {
    name: 'a forward to a public address',
    yaml: `nat:\n  - one-to-one 10.88.88.70 with 10.66.66.70\n  - forward tcp 10.88.88.66:80 to 10.88.88.70 #!`,
    says: ['it leads to a public address of `one-to-one 10.88.88.70 with 10.66.66.70`', 'a station inside'],
  },
  {
    name: 'one-to-one with itself',
    yaml: nat('one-to-one 10.88.88.70 with 10.88.88.70'),
    says: ['it leads to its own public address'],
  },

  // Firewall
  {
    name: 'unknown router of a zone',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [egde/net] } #!',
    says: ['unknown router or host `egde`', 'did you mean `edge`'],
  },
  {
    name: 'unknown interface of a zone',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/nett] } #!',
    says: ['unknown interface of router edge `nett`', '`net`'],
  },
  {
    name: 'in two zones',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net, edge/loc] } #!',
    says: ['edge/loc is in zone loc already'],
  },
  {
    name: 'a zone without members',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net], dmz: [] } #!',
    says: ['zone dmz has no members', 'or remove it'],
  },
  {
    name: 'no member of a zone',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net], dmz: [dmz] } #!',
    says: ['`dmz` is not a member of a zone', 'segment NAME'],
  },
  {
    name: 'unknown segment of a zone',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net], dmz: [segment dnz] } #!',
    says: ['unknown segment `dnz`', 'did you mean `dmz`'],
  },
  {
    name: 'unknown port of a zone',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net], web: [hv1/web2] } #!',
    says: ['unknown port of host hv1 `web2`', 'did you mean `web1`'],
  },
  {
    name: "a bridge's own interface that is not listed, in a zone",
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net], host: [hv1/br0] } #!',
    says: ['unknown port of host hv1 `br0`', 'add `hv1/br0: { access: SEGMENT }` under `bridges.br0.ports`'],
  },
  {
    name: 'a member of a zone that may be a router or a host',
    yaml: `routers:\n  hv1: { host: hv1, interfaces: { loc: { segment: loc, address: 10.66.66.1/24 } } }\nnat:\nfirewall:\n  zones: { web: [hv1/web1] } #!`,
    says: ['`hv1/web1`: hv1 is a router and a host', 'another name'],
  },
  {
    name: 'a port in two zones',
    yaml: 'firewall:\n  zones: { loc: [edge/loc, hv1/web1], net: [edge/net, hv1/web1] } #!',
    says: ['hv1/web1 is in zone loc already', 'a port is in one zone'],
  },
  {
    name: 'a port and its segment in two zones',
    yaml: 'firewall:\n  zones: { loc: [edge/loc, segment loc], net: [edge/net], web: [hv1/web1] } #!',
    says: ['hv1/web1 is in zone loc already, with its segment loc', 'one by one'],
  },
  {
    name: 'a segment in two zones',
    yaml: 'firewall:\n  zones: { loc: [edge/loc, segment loc], net: [edge/net, segment loc] } #!',
    says: ['segment loc is in zone loc already', 'a segment is in one zone'],
  },
  {
    name: 'a port in a zone and in no segment',
    yaml: 'bridges:\n  br0:\n    hosts: [hv1, hv2]\n    ports: { hv1/web1: { access: loc }, hv1/x: , hv1/n: { access: net } }\nfirewall:\n  zones: { loc: [edge/loc], net: [edge/net], x: [hv1/x] } #!',
    says: ['port hv1/x is in no segment', 'access: SEGMENT'],
  },
  {
    name: 'a port in a zone on a bridge without flows',
    yaml: 'bridges:\n  br0: { hosts: [hv1, hv2], ports: { hv1/web1: { access: loc }, hv1/n: { access: net } } }\n  br1: { hosts: [hv1], forwarding: normal, ports: { hv1/x: { access: dmz } } }\nfirewall:\n  zones: { loc: [edge/loc], net: [edge/net], x: [hv1/x] } #!',
    says: ['port hv1/x is on bridge br1, where Open vSwitch forwards by itself', 'forwarding: normal'],
  },
  {
    name: 'a zone called fw',
    yaml: 'firewall:\n  zones: { fw: [edge/loc], net: [edge/net] } #!',
    says: ['zone `fw`', 'the router itself'],
  },
  {
    name: 'an address in place of a zone',
    yaml: rule('accept ssh from 10.66.66.5 to fw'),
    says: ['`10.66.66.5` is an address, not a zone', '`net:10.66.66.5`'],
  },
  {
    name: 'a rule in the words of others',
    yaml: rule('ACCEPT net fw tcp 22'),
    says: ['is not of the form `accept|drop|reject SERVICE', 'write it like `accept http,https from net:'],
  },
  { name: 'unknown zone', yaml: rule('accept ssh from wan to fw'), says: ['unknown zone `wan`', 'fw, all, loc, net'] },
  {
    name: 'unknown zone of a policy',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy:\n    - loc to nte accept #!',
    says: ['unknown zone `nte`', '`net`'],
  },
  {
    name: 'policy grammar',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy:\n    - accept loc to net #!',
    says: ['ZONE to ZONE accept|drop|reject'],
  },
  {
    name: 'policy twice',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy:\n    - loc to net accept\n    - loc to net drop #!',
    says: ['never applies', 'loc to net accept'],
  },
  { name: 'rule grammar', yaml: rule('accept ssh net fw'), says: ['accept|drop|reject SERVICE from ZONE'] },
  { name: 'rule action', yaml: rule('allow ssh from net to fw'), says: ['`allow`', 'accept, drop, reject'] },
  { name: 'unknown service', yaml: rule('accept htpt from net to loc'), says: ['unknown service `htpt`', '`http`'] },
  {
    name: 'service port',
    yaml: rule('accept tcp 70000 from net to loc'),
    says: ['`tcp 70000`', '65535'],
  },
  {
    name: 'service range',
    yaml: rule('accept tcp 90-80 from net to loc'),
    says: ['no range of ports that rises', 'write 80-90'],
  },
  {
    name: 'a port for a service',
    yaml: rule('accept 22 from net to loc'),
    says: ['names no protocol', 'write `tcp 22`'],
  },
  {
    name: 'a port as others write it',
    yaml: rule('accept 22/tcp from net to loc'),
    says: ['`22/tcp`', 'write `tcp 22`'],
  },
  {
    name: 'source ports of a protocol without',
    yaml: rule('accept icmp source 5 from net to loc'),
    says: ['`source 5`: icmp has no ports', 'tcp, udp or sctp'],
  },
  {
    name: 'source ports upside down',
    yaml: rule('accept udp 53 source 90-80 from net to loc'),
    says: ['`udp source 90-80`', 'write 80-90'],
  },
  {
    name: 'services that name each other',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  services:\n    a: [b] #!\n    b: [http]',
    says: ['service a names `b`, which stands below it', 'above'],
  },
  {
    name: 'a service that names itself',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  services: { a: [a] } #!',
    says: ['service a names itself'],
  },
  {
    name: 'addresses upside down',
    yaml: rule('accept ssh from net:10.0.0.9-10.0.0.1 to loc'),
    says: ['upside down', 'write 10.0.0.1-10.0.0.9'],
  },
  {
    name: 'addresses of two families',
    yaml: rule('accept ssh from net:10.0.0.9-2001:db8::1 to loc'),
    says: ['from IPv4 to IPv6'],
  },
  {
    name: 'IPv6 in brackets',
    yaml: rule('accept ssh from net:[2001:db8::1] to loc'),
    says: ['write 2001:db8::1, without brackets'],
  },
  {
    name: 'all but everything',
    yaml: rule('accept ssh from net:10.0.0.1!10.0.0.0/8 to loc'),
    says: ['nothing is left of it'],
  },
  {
    name: 'all but a set',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  sets: { a: [10.0.0.1] }\n  rules:\n    - drop ssh from net:!@a to loc #!',
    says: ['`!` is for addresses, not for sets', 'in a rule above'],
  },
  {
    name: 'two exceptions',
    yaml: rule('drop ssh from net:!10.0.0.1,!10.0.0.2 to loc'),
    says: ['more than one `!`', '`!10.0.0.1,10.0.0.2`'],
  },
  {
    name: 'address of a rule',
    yaml: rule('accept ssh from net to loc:10.66.66'),
    says: ['`10.66.66` is not an IP address or prefix'],
  },
  { name: 'prefix of a rule', yaml: rule('accept ssh from net to loc:10.66.66.9/24'), says: ['write 10.66.66.0/24'] },
  {
    name: 'rule twice',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  rules:\n    - accept ssh from net to fw\n    - drop ssh from net to fw #!',
    says: ['never applies'],
  },
  {
    name: 'what a rule ends with',
    yaml: rule('accept ssh from net to fw limit'),
    says: ['limit `` is not of the form', '3/min burst 5'],
  },
  {
    name: 'limit',
    yaml: rule('accept ssh from net to fw limit 3/fortnight'),
    says: ['`3/fortnight`', '3/min burst 5'],
  },
  {
    name: 'limit as a key',
    yaml: rule('{ action: accept, service: ssh, from: net, to: fw, limit: 3 packets }'),
    says: ['limit `3 packets`', 'N packets/s'],
  },
  { name: 'log level', yaml: rule('drop ssh from net to fw log critical'), says: ['log `critical`', 'log notice'] },
  {
    name: 'log level as a key',
    yaml: rule('{ action: drop, service: ssh, from: net, to: fw, log: { level: critical } }'),
    says: ['`critical` is not one of debug, info'],
  },
  {
    name: 'log limit of packets',
    yaml: rule('drop ssh from net to fw log info limit 5 packets/s'),
    says: ['log `info limit 5 packets/s`'],
  },
  { name: 'over nothing', yaml: rule('drop ping from net to fw over bytes'), says: ['[over N bytes]'] },
  { name: 'over too little', yaml: rule('drop ping from net to fw over 5 bytes'), says: ['from 20 to 65535'] },
  {
    name: 'over in a policy',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy:\n    - loc to net drop over 9 bytes #!',
    says: ['ZONE to ZONE accept|drop|reject'],
  },
  { name: 'unknown set', yaml: rule('drop ssh from net:@badd to fw'), says: ['unknown set `badd`', 'firewall.sets'] },
  {
    name: 'member of a set',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  sets:\n    bad:\n      - 10.0.0.1/24 #!',
    says: ['write 10.0.0.0/24'],
  },
  {
    name: 'service of the file itself',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  services: { games: [udp 27000-] } #!',
    says: ['`udp 27000-`', 'udp 5000-5010'],
  },
  {
    name: 'service with a name of a protocol',
    yaml: 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  services: { tcp: [tcp 1] } #!',
    says: ['this name means a protocol'],
  },
  {
    name: 'type of ICMP',
    yaml: rule('drop icmp echo from net to fw'),
    says: ['`echo` is no type of icmp', 'echo-request'],
  },
  { name: 'number of a protocol', yaml: rule('drop protocol 256 from net to fw'), says: ['`256` is no IP protocol'] },
  { name: 'ports of a protocol without', yaml: rule('drop gre 5 from net to fw'), says: ['gre has no ports'] },
  {
    name: 'from IPv4 to IPv6',
    yaml: rule('drop ssh from net:10.0.0.1 to loc:2001:db8::1'),
    says: ['from IPv4 to IPv6'],
  },
  {
    name: 'IPv6 in a rule that is of IPv4',
    yaml: rule('drop icmp from net:2001:db8::1 to loc'),
    says: ['its addresses are IPv6, its service is IPv4 only', 'icmpv6'],
  },
  {
    name: 'drop with a limit of packets',
    yaml: rule('drop ping from net to fw limit 1 packet/s'),
    says: ['that is for what is accepted', 'log info limit'],
  },
  { name: 'limit too slow', yaml: rule('accept ssh from net to fw limit 1/day'), says: ['too slow', '2/day'] },
  {
    name: 'more conditions than there are bits',
    yaml: `firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  rules:\n${Array.from({ length: 32 }, (_, i) => `    - accept tcp ${i + 1} from net to fw limit 1/s\n`).join('')}    - drop ping from net to fw over 84 bytes #!`,
    says: ['33 rules', 'can tell 32 apart'],
  },
];
