/** Nicira's multiparts (nicira-ext.h) that Open vSwitch answers over OpenFlow 1.4: statistics of IPFIX, of a bridge and of flows. */

import { structure } from '../../wire/codec.ts';
import { list } from '../../wire/list.ts';
import { u32, u64 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

const none = struct({});

const ipfixStats = structure(
  'nx_ipfix_stats_reply',
  struct({
    totalFlows: u64,
    currentFlows: u64,
    pkts: u64,
    ipv4Pkts: u64,
    ipv6Pkts: u64,
    errorPkts: u64,
    ipv4ErrorPkts: u64,
    ipv6ErrorPkts: u64,
    txPkts: u64,
    txErrors: u64,
    /** Of flows: the set of collectors that `sample` names. */
    collectorSetId: u32,
    pad: padding(4),
  }),
);

/** name → [type, request, reply] */
export const NICIRA_PARTS = {
  ipfixBridge: [3, none, ipfixStats],
  ipfixFlow: [4, none, list(ipfixStats)],
} as const;
