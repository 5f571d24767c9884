/** Which fields an action may write (ovs-fields(7), "read/write"). */

import type { FieldName } from '../../../proto/openflow/oxm-fields.ts';

const READ_ONLY: ReadonlySet<FieldName> = new Set<FieldName>([
  ...(['dpHash', 'recircId', 'packetType', 'conjId', 'inPhyPort', 'actsetOutput', 'ethType'] as const),
  ...(['mplsBos', 'ipProto', 'ipFrag', 'tcpFlags', 'ctState', 'ctZone', 'ctNwProto', 'ctNwSrc', 'ctNwDst'] as const),
  ...([
    'ctIpv6Src',
    'ctIpv6Dst',
    'ctTpSrc',
    'ctTpDst',
    'nshMdtype',
    'nshNp',
    'pbbIsid',
    'pbbUca',
    'ipv6Exthdr',
  ] as const),
  ...(['tunGtpuFlags', 'tunGtpuMsgtype'] as const),
]);

export function isWritable(name: FieldName): boolean {
  return !READ_ONLY.has(name);
}
