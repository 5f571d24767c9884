/** What `nat` within `ct` asks for (nicira-ext.h, NXAST_NAT), as connection tracking takes it. */

import type { Nat } from '../../../../proto/openflow/nicira/nat.ts';
import { fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import type { NatRequest } from '../../conntrack/request.ts';
import { wordsOf } from '../../key/value.ts';

export function natRequest({ flags, ipv4Min, ipv4Max, ipv6Min, ipv6Max, protoMin, protoMax }: Nat): NatRequest {
  const min = address(ipv4Min, ipv6Min);
  const max = address(ipv4Max, ipv6Max);
  return {
    src: flags.includes('src'),
    dst: flags.includes('dst'),
    persistent: flags.includes('persistent'),
    hash: flags.includes('protoHash'),
    random: flags.includes('protoRandom'),
    ...(min === undefined ? {} : { addressMin: min }),
    ...(max === undefined ? {} : { addressMax: max }),
    ...(protoMin === undefined ? {} : { portMin: protoMin }),
    ...(protoMax === undefined ? {} : { portMax: protoMax }),
  };
}

function address(ipv4: string | undefined, ipv6: string | undefined): number[] | undefined {
  if (ipv4 !== undefined) return wordsOf(fieldRow('ipv4Src'), ipv4);
  return ipv6 === undefined ? undefined : wordsOf(fieldRow('ipv6Src'), ipv6);
}
