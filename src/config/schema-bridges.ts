/** The form of a bridge in flowloom.yaml; `schema-ports.ts` has its ports. */

import { z } from 'zod';
import { columnsForm, packetInLimits, remoteForm, textMap } from './schema-database.ts';
import { portForm } from './schema-ports.ts';
import * as value from './schema-values.ts';

const map = (what: string) => value.expected('a map', `write ${what}`);
const portName = z.string(value.expected('a port', 'write HOST/INTERFACE'));
const vlan = z.union([value.vlan, value.name], value.expected('a VLAN', 'write a segment or a number'));

export const mirrorForm = z.strictObject(
  {
    of: z
      .union([portName, z.array(portName).min(1)], value.expected('a port or a list of ports', 'write hv1/web1 or all'))
      .describe('The ports `HOST/INTERFACE` whose frames are copied, or `all`.'),
    direction: value
      .word(['both', 'in', 'out'])
      .default('both')
      .describe('Frames that come in by these ports, go out by them, or both.'),
    vlans: z
      .array(vlan, value.expected('a list of VLANs', 'write it like [loc, 200]'))
      .optional()
      .describe('Only frames of these segments or VLANs.'),
    to: portName.optional().describe('The port that gets the copies (SPAN); it carries nothing else.'),
    toVlan: vlan.optional().describe('The segment or VLAN that gets the copies (RSPAN).'),
  },
  map('{ of: hv1/web1, to: hv1/tap9 }'),
);

export const bridgeForm = z.strictObject(
  {
    hosts: z
      .union(
        [
          z.literal('all', value.expected('a list of hosts', 'write it like [hv1, hv2], or `all`')),
          z
            .array(value.name, value.expected('a list of hosts', 'write it like [hv1, hv2], or `all`'))
            .min(1, value.expected('a list with a host in it', 'name the hosts that have this bridge')),
        ],
        value.expected('a list of hosts', 'write it like [hv1, hv2], or `all`'),
      )
      .describe('The hosts that have this bridge, or `all`: every host of the file.'),
    datapath: value
      .word(['system', 'netdev'])
      .default('system')
      .describe("Open vSwitch's datapath_type: the kernel's, or userspace."),
    forwarding: value
      .word(['flows', 'normal'])
      .default('flows')
      .describe("`flows`: Flowloom's pipeline. `normal`: Open vSwitch's own MAC learning, without a controller."),
    adopt: z
      .boolean(value.expected('true or false', 'write `adopt: true`'))
      .default(false)
      .describe(
        'Take over a bridge of this name that somebody else made, with its ports that stand here; `plan` says what changes.',
      ),
    failMode: value
      .word(['secure', 'standalone'])
      .optional()
      .describe('What it does without a controller. Default: secure with flows, else standalone.'),
    protocols: z
      .array(
        value.word(['OpenFlow10', 'OpenFlow11', 'OpenFlow12', 'OpenFlow13', 'OpenFlow14', 'OpenFlow15']),
        value.expected('a list of OpenFlow versions', 'write it like [OpenFlow14]'),
      )
      .min(1, value.expected('a list with a version in it', 'write it like [OpenFlow14]'))
      .optional()
      .describe('The OpenFlow versions that it speaks. Default: 1.4 besides what is enabled.'),
    datapathId: value
      .text(/^[0-9a-fA-F]{16}$/, 'a datapath id', 'write 16 hex digits in quotes')
      .optional()
      .describe('16 hex digits. Default: Open vSwitch makes it from a MAC address.'),
    stp: z.boolean(value.expected('true or false', 'write true')).optional().describe('Spanning tree (IEEE 802.1D).'),
    rstp: z.boolean(value.expected('true or false', 'write true')).optional().describe('Rapid spanning tree.'),
    macAging: value
      .number('seconds', 15, 3600)
      .optional()
      .describe('Seconds after which a station that is silent is forgotten. Default: 300.'),
    otherConfig: textMap('`hwaddr: "02:00:00:00:00:01"`').describe(
      "Passed through to the bridge's other_config in OVSDB.",
    ),
    columns: columnsForm('Bridge', '`mcast_snooping_enable: true`').describe(
      'Further columns of its Bridge row; a column that refers to a row (`netflow`, `sflow`, `ipfix`) takes that row.',
    ),
    controllers: z
      .array(
        remoteForm('a controller', 'tcp:10.0.0.9:6653', packetInLimits),
        value.expected('a list', 'write it like [flowloom, tcp:10.0.0.9:6653]'),
      )
      .optional()
      .describe('Its OpenFlow controllers, `flowloom` among them. Default: Flowloom alone.'),
    mirrors: z
      .record(value.name, mirrorForm, map('mirrors by name'))
      .nullish()
      .describe('Copies of frames, to a port or a VLAN.'),
    ports: z
      .record(z.string(), portForm, map('ports like `hv1/web1: { access: loc }`'))
      .nullish()
      .describe(
        '`HOST/INTERFACE` and how it takes part in segments; `HOST/vnet*` for ports that others create; `*/INTERFACE` on each of its hosts that has no line of its own for it.',
      ),
  },
  map('at least `hosts: [...]`'),
);
