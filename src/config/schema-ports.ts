/** The form of a bridge's port in flowloom.yaml: how it takes part in segments, its device, its settings. */

import { z } from 'zod';
import { selectForm } from './port-selector.ts';
import { columnsForm, textMap } from './schema-database.ts';
import * as value from './schema-values.ts';

const map = (what: string) => value.expected('a map', `write ${what}`);
const segmentNames = z.array(value.name, value.expected('a list of segments', 'write it like [loc, dmz]'));

/** Interface.type as ovs-vswitchd.conf.db(5) lists them; what the host's Open vSwitch has, its iface_types say. */
export const INTERFACE_TYPES = [
  'system',
  'internal',
  'tap',
  'patch',
  'vxlan',
  'geneve',
  'gre',
  'ip6gre',
  'erspan',
  'ip6erspan',
  'stt',
  'lisp',
  'gtpu',
  'bareudp',
  'srv6',
  'dpdk',
  'dpdkvhostuser',
  'dpdkvhostuserclient',
  'afxdp',
  'afxdp-nonpmd',
] as const;

const bitRate = value.number('bits per second', 0, 1_000_000_000_000);

export const qosForm = z.strictObject(
  {
    type: z
      .string(value.expected('a QoS type', 'write linux-htb'))
      .default('linux-htb')
      .describe('QoS.type: linux-htb, linux-hfsc, linux-sfq, linux-netem, egress-policer …'),
    maxRate: bitRate.optional().describe('Bits per second of all queues together.'),
    queues: z
      .record(
        z.string().regex(/^\d{1,10}$/, value.expected('a queue number', 'write 0, 1, …')),
        z.strictObject(
          {
            minRate: bitRate.optional().describe('Bits per second that it always has.'),
            maxRate: bitRate.optional().describe('Bits per second that it has at most.'),
            burst: value.number('bits', 0, 1_000_000_000_000).optional().describe('Bits beyond the rate at once.'),
            priority: value.number('a priority', 0, 4_294_967_295).optional().describe('Less goes first.'),
            dscp: value.number('a DSCP', 0, 63).optional().describe('Written into packets of this queue.'),
            otherConfig: textMap('`quantum: 1500`').describe('Passed through to its other_config.'),
          },
          map('keys like `maxRate: 10000000`'),
        ),
        map('queues by number, like `0: { maxRate: 10000000 }`'),
      )
      .optional()
      .describe('Queues by number; 0 has what no flow assigns.'),
    otherConfig: textMap('`max-rate: 10000000`').describe('Passed through to its other_config.'),
  },
  map('keys like `maxRate: 10000000`'),
);

export const policingForm = z.strictObject(
  {
    rate: value.number('kbit/s', 1, 4_294_967_295).optional().describe('Kilobits per second taken in.'),
    burst: value.number('kbit', 0, 4_294_967_295).optional().describe('Kilobits beyond the rate at once.'),
    packetRate: value
      .number('kilopackets/s', 1, 4_294_967_295)
      .optional()
      .describe('Thousands of packets per second taken in.'),
    packetBurst: value
      .number('kilopackets', 0, 4_294_967_295)
      .optional()
      .describe('Thousands of packets beyond it at once.'),
  },
  map('{ rate: 1000, burst: 100 }'),
);

export const portForm = z
  .strictObject(
    {
      access: value.name.optional().describe('The segment of its untagged frames; tagged ones are refused.'),
      trunk: segmentNames.optional().describe('The segments that it carries tagged.'),
      native: value.name
        .optional()
        .describe('With `trunk`: the segment of its untagged frames, which leave untagged (native-untagged).'),
      'native-tagged': value.name
        .optional()
        .describe('With `trunk`: the segment of its untagged frames, which leave tagged (native-tagged).'),
      'dot1q-tunnel': value.name
        .optional()
        .describe('The segment that carries all its frames, its own tags inside (QinQ).'),
      type: value
        .word(INTERFACE_TYPES)
        .default('system')
        .describe('Interface.type. `system`: a device that exists; `internal`: Open vSwitch makes it.'),
      options: textMap('`remote_ip: 10.0.0.2`').describe('Interface.options: of tunnels `remote_ip`, `key` …'),
      peer: value.interfaceName.optional().describe('With `type: patch`: the patch port at the other end.'),
      bond: z
        .array(value.interfaceName, value.expected('a list of interfaces', 'write it like [eth1, eth2]'))
        .min(2, value.expected('a list of two interfaces or more', 'write it like [eth1, eth2]'))
        .optional()
        .describe('The interfaces that are this one port together; on bridges with `forwarding: normal`.'),
      bondMode: value
        .word(['active-backup', 'balance-slb', 'balance-tcp'])
        .optional()
        .describe('With `bond`: Port.bond_mode. Default: active-backup.'),
      lacp: value.word(['active', 'passive', 'off']).optional().describe('With `bond`: Port.lacp. Default: off.'),
      address: value
        .oneOrMore(value.stationAddress, 'an IP address or prefix', '10.66.66.67 or [10.66.66.67, "2001:db8::67"]')
        .optional()
        .describe(
          "The station's IP address, or a list of addresses and prefixes; an address given is an address enforced.",
        ),
      mac: value
        .oneOrMore(value.mac, 'a MAC address', '"02:00:00:00:00:01"')
        .optional()
        .describe("The station's MAC address, or a list of them; enforced like the address."),
      serves: z
        .array(value.word(['dhcp', 'ra']), value.expected('a list', 'write it like [dhcp, ra]'))
        .optional()
        .describe(
          'With `address` or `mac`: what its station may send all the same, answers of a DHCP server and router advertisements.',
        ),
      select: selectForm
        .optional()
        .describe('Ports that other programs create: bound to segments, never made, changed or removed.'),
      mtu: value
        .number('an MTU', 68, 65_535)
        .optional()
        .describe('Interface.mtu_request. Default for ports that Open vSwitch makes: what its segment carries.'),
      ofport: value.number('a port number', 1, 65_279).optional().describe('Interface.ofport_request.'),
      policing: policingForm.optional().describe('What it takes in at most; the rest is dropped.'),
      qos: qosForm.optional().describe('How its output is shaped and queued.'),
      bfd: z
        .union(
          [z.boolean(), textMap('`min_tx: 1000`').unwrap().unwrap()],
          value.expected('true or a map', 'write `bfd: true`'),
        )
        .optional()
        .describe('Bidirectional forwarding detection (RFC 5880) over a tunnel; `status` shows its state.'),
      columns: columnsForm('Port', '`protected: true`').describe('Further columns of its Port row.'),
      interface: columnsForm('Interface', '`lldp: { enable: true }`').describe('Further columns of its Interface row.'),
    },
    map('keys like `access: loc`, or nothing for a port in no segment'),
  )
  .nullable();
