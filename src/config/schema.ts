/** The forms that people write in flowloom.yaml, as zod schemas; `json-schema.ts` makes the JSON Schema of them. */

import { z } from 'zod';
import { remoteForm, textMap } from './schema-database.ts';
import * as value from './schema-values.ts';

const map = (what: string) => value.expected('a map', `write ${what}`);
const path = value.text(/^\/\S+$/, 'the path of a file', 'write a path that begins with /');

export const hostForm = z
  .strictObject(
    {
      ovsdb: value
        .target('an OVSDB target', 'tcp:ADDRESS:6640', true)
        .optional()
        .describe(
          'Where its OVSDB listens: `tcp:ADDRESS:PORT`, `ssl:ADDRESS:PORT` (see `tls`) or `unix:PATH`. Left out: the host dials in (`ovs-vsctl set-manager`).',
        ),
      systemId: z
        .string(value.expected('a text', 'write its system-id or host name'))
        .min(1)
        .optional()
        .describe(
          'How a host that dials in is known: its `external_ids:system-id` or `hostname`. Default: its name here.',
        ),
      underlay: value.address
        .optional()
        .describe('Address of its tunnel endpoint; IPv6 gives each other host a tunnel port of its own.'),
      underlayMtu: value
        .number('an MTU', 576, 65_535)
        .optional()
        .describe(
          'MTU of the network between tunnel endpoints, as this host has it. Default: what Open vSwitch tells of it.',
        ),
      controller: value
        .target('an OpenFlow controller target', 'tcp:ADDRESS:6653')
        .optional()
        .describe(
          'OpenFlow target that its bridges dial. Default: the address by which Flowloom reached its OVSDB, port 6653.',
        ),
      drift: value
        .word(['repair', 'report'])
        .default('repair')
        .describe("What to do where somebody changed a row that is Flowloom's: put it right, or only tell."),
      otherConfig: textMap('`hw-offload: true`').describe("Keys of Open_vSwitch.other_config; others' keys stay."),
      managers: z
        .array(remoteForm('a manager', 'ptcp:6640', {}), value.expected('a list', 'write it like [ptcp:6640]'))
        .optional()
        .describe('Further managers of its OVSDB (`ovs-vsctl set-manager`).'),
      ssl: z
        .strictObject(
          {
            privateKey: path.describe('Its private key, a file on the host.'),
            certificate: path.describe('Its certificate, a file on the host.'),
            caCert: path.describe('The certificate of the authority that its peers must be signed by.'),
            bootstrapCaCert: z
              .boolean(value.expected('true or false', 'write true'))
              .default(false)
              .describe('Take that certificate from the first peer; open to whoever is first.'),
          },
          map('{ privateKey: …, certificate: …, caCert: … }'),
        )
        .optional()
        .describe(
          'Key and certificates of its Open vSwitch, for `ssl:` controllers and managers (`ovs-vsctl set-ssl`).',
        ),
    },
    map('keys like `ovsdb: tcp:10.0.0.1:6640`, or {} for a host that dials in'),
  )
  .nullable();

const pemFile = value.text(/^\S+$/, 'the path of a file', 'write the path of a PEM file');

export const tlsForm = z.strictObject(
  {
    privateKey: pemFile.describe("Flowloom's private key, a PEM file."),
    certificate: pemFile.describe('Its certificate, a PEM file.'),
    caCert: pemFile.describe('The certificate of the authority that hosts must be signed by, a PEM file.'),
  },
  map('{ privateKey: …, certificate: …, caCert: … }'),
);

const overlayType = value.word(['vxlan', 'geneve', 'gre'], ['stt', 'erspan', 'lisp']);

const trueOrFalse = z.boolean(value.expected('true or false', 'write true or false')).default(false);

export const overlayForm = z.strictObject(
  {
    type: overlayType.describe('The tunnel protocol.'),
    vni: value.vni
      .optional()
      .describe(
        "What tells the segment from others in the tunnel: VNI of vxlan and geneve, gre's key. Default: the VLAN.",
      ),
    port: value.udpPort
      .optional()
      .describe('UDP destination port. Default: 4789 for vxlan, 6081 for geneve; gre has none.'),
    ttl: value.ttl.default(64).describe('TTL of the outer packets.'),
    members: z
      .array(value.name, value.expected('a list of hosts', 'write it like [hv1, hv2]'))
      .min(2, value.expected('a list of two hosts or more', 'name the hosts that it joins, or remove `members`'))
      .optional()
      .describe(
        'The hosts that it joins, each with each. Default: every host that has the segment at a port or a router.',
      ),
    perPeer: trueOrFalse.describe(
      'A tunnel port for each other host instead of one for all, as for counters of each. `bfd`, IPsec options and `{peer}` imply it.',
    ),
    bfd: trueOrFalse.describe('The hosts watch over each tunnel (BFD, RFC 5880), and `status` tells what they find.'),
    headroom: value.headroom
      .default(0)
      .describe(
        "Bytes more than the tunnel's own that guests' packets leave free, as for geneve options that an app sets.",
      ),
    options: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean()], value.expected('a text', 'write a text, number or true/false')),
        map('keys like `tos: inherit`'),
      )
      .optional()
      .describe(
        "Passed on to the tunnel ports' `options` in OVSDB: `tos`, `csum`, `df_default`, `psk` …; `{peer}` in a value is the other host's name.",
      ),
  },
  map('`vxlan` or { type: vxlan, vni: 5000 }'),
);

export const segmentForm = z
  .strictObject(
    {
      vlan: value.vlan.optional().describe('Its VLAN on trunk ports.'),
      subnet: value
        .oneOrMore(value.ipPrefix, 'an IP prefix', '10.66.66.0/24 or [10.66.66.0/24, "2001:db8:66::/64"]')
        .optional()
        .describe('Its prefix, or a list of them; addresses on it are held against these.'),
      overlay: z
        .union(
          [overlayType, overlayForm],
          value.expected('an overlay', 'write vxlan, geneve or gre, or { type: vxlan, vni: 5000 }'),
        )
        .optional()
        .describe('How it is carried between hosts.'),
    },
    map('keys like `vlan: 100`, or {} for a segment local to one bridge'),
  )
  .nullable();
