/** The prerequisites of match fields (OpenFlow 1.4, 7.2.3.8): `tcpDst` means something only for TCP. */

import { isField, isMasked } from '../../proto/openflow/oxm.ts';
import { fieldRow, type Prerequisite } from '../../proto/openflow/oxm-fields.ts';
import { FlowError } from './flow-error.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

type Values = Readonly<Record<string, unknown>>;

const ip = (match: Values) => match.ethType === IPV4 || match.ethType === IPV6;
const proto = (number: number) => (match: Values) => ip(match) && match.ipProto === number;
const icmpv6 = (match: Values) => match.ethType === IPV6 && match.ipProto === 58;

/** Whether a match fulfils it, and how to make it so. */
const PREREQUISITES: Record<Prerequisite, [holds: (match: Values) => boolean, needs: string]> = {
  vlan: [(match) => match.vlanVid !== undefined && match.vlanVid !== 0, 'a vlanVid with a tag'],
  ip: [ip, 'ethType 0x0800 or 0x86dd'],
  ipv4: [(match) => match.ethType === IPV4, 'ethType 0x0800'],
  ipv6: [(match) => match.ethType === IPV6, 'ethType 0x86dd'],
  tcp: [proto(6), 'ethType 0x0800 or 0x86dd and ipProto 6'],
  udp: [proto(17), 'ethType 0x0800 or 0x86dd and ipProto 17'],
  sctp: [proto(132), 'ethType 0x0800 or 0x86dd and ipProto 132'],
  icmpv4: [(match) => match.ethType === IPV4 && match.ipProto === 1, 'ethType 0x0800 and ipProto 1'],
  icmpv6: [icmpv6, 'ethType 0x86dd and ipProto 58'],
  arp: [(match) => match.ethType === 0x0806, 'ethType 0x0806'],
  nd: [(match) => icmpv6(match) && (match.icmpv6Type === 135 || match.icmpv6Type === 136), 'icmpv6Type 135 or 136'],
  ndSolicit: [(match) => icmpv6(match) && match.icmpv6Type === 135, 'icmpv6Type 135'],
  ndAdvert: [(match) => icmpv6(match) && match.icmpv6Type === 136, 'icmpv6Type 136'],
  mpls: [(match) => match.ethType === 0x8847 || match.ethType === 0x8848, 'ethType 0x8847 or 0x8848'],
  pbb: [(match) => match.ethType === 0x88e7, 'ethType 0x88e7'],
};

/** Throws FlowError with the field's name where a field is unknown, masked though it can't be, or lacks what it needs. */
export function checkMatch(match: Values): void {
  for (const name of Object.keys(match)) {
    const value = match[name];
    if (value === undefined) continue;
    if (!isField(name)) throw new FlowError(`the match names "${name}", which is no field`);
    const { maskable, prerequisite } = fieldRow(name);
    if (isMasked(value) && !maskable) throw new FlowError(`${name} can't be matched with a mask`);
    if (prerequisite === undefined) continue;
    const [holds, needs] = PREREQUISITES[prerequisite];
    if (!holds(match)) throw new FlowError(`${name} in a match needs ${needs} beside it`);
  }
}
