/** One connection as conntrack knows it by its first packet, and the message that ends it (NXT_CT_FLUSH, Open vSwitch 3.1). */

import type { NiciraMessage } from '../../proto/openflow/nicira/message.ts';

export interface TrackedConnection {
  /** Number of its zone of conntrack. */
  zone: number;
  /** Of IP. */
  protocol: number;
  /** Of its first packet, before any translation. */
  src: string;
  dst: string;
  /** Of TCP, UDP and SCTP. */
  ports?: readonly [src: number, dst: number];
  /** Of ICMP and ICMPv6: type, code and identifier of the request. */
  icmp?: { type: number; code: number; id: number };
}

export function endConnection({ zone, protocol, src, dst, ports, icmp }: TrackedConnection): NiciraMessage {
  return {
    type: 'ctFlush',
    ipProto: protocol,
    properties: [
      {
        type: 'origTuple',
        tuple: [
          { type: 'src', address: mapped(src) },
          { type: 'dst', address: mapped(dst) },
          ...(ports === undefined
            ? []
            : ([
                { type: 'srcPort', port: ports[0] },
                { type: 'dstPort', port: ports[1] },
              ] as const)),
          ...(icmp === undefined
            ? []
            : ([
                { type: 'icmpId', id: icmp.id },
                { type: 'icmpType', icmpType: icmp.type },
                { type: 'icmpCode', code: icmp.code },
              ] as const)),
        ],
      },
      { type: 'zoneId', zoneId: zone },
    ],
  };
}

/** IPv4 is written as IPv6 there. */
function mapped(address: string): string {
  return address.includes(':') ? address : `::ffff:${address}`;
}
