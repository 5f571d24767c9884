/**
 * Connections end (nicira-ext.h): NXT_CT_FLUSH_ZONE all of a zone, NXT_CT_FLUSH those that a tuple and a zone name.
 * Addresses of IPv4 are written as `::ffff:` ones. Open vSwitch has NXT_CT_FLUSH since 3.1.
 */

import { structure } from '../../wire/codec.ts';
import { list } from '../../wire/list.ts';
import { ipv6, u8, u16 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { tagged } from '../../wire/tagged.ts';

export const ctFlushZone = structure('nx_zone_id', struct({ pad: padding(6), zoneId: u16 }, 'ctFlushZone'));

/** Open vSwitch's properties of 16 bits have 32. */
const pad = padding(2);

/** What is not said of a connection may be anything. */
const tuple = list(
  tagged(
    {
      src: [0, struct({ address: ipv6 }, 'src')],
      dst: [1, struct({ address: ipv6 }, 'dst')],
      srcPort: [2, struct({ port: u16, pad }, 'srcPort')],
      dstPort: [3, struct({ port: u16, pad }, 'dstPort')],
      icmpId: [4, struct({ id: u16, pad }, 'icmpId')],
      icmpType: [5, struct({ icmpType: u8 }, 'icmpType')],
      icmpCode: [6, struct({ code: u8 }, 'icmpCode')],
    },
    { padding: 'excluded' },
  ),
);

export const ctFlush = structure(
  'nx_ct_flush',
  struct(
    {
      /** 0: any. */
      ipProto: u8,
      pad: padding(7),
      properties: list(
        tagged(
          {
            origTuple: [0, struct({ pad: padding(4), tuple }, 'origTuple')],
            replyTuple: [1, struct({ pad: padding(4), tuple }, 'replyTuple')],
            zoneId: [2, struct({ zoneId: u16, pad }, 'zoneId')],
          },
          { padding: 'excluded' },
        ),
      ),
    },
    'ctFlush',
  ),
);
