/** Whether a packet has what a field is of (OpenFlow 1.4, 7.2.2.6): what sets a field that it has not is passed over. */

import type { Prerequisite } from '../../../../proto/openflow/prerequisites.ts';
import type { Key } from '../../key/key.ts';
import { HAS_TAG, WORD } from '../../key/layout.ts';

const LATER_FRAGMENT = 2;
const TRACKED = 0x20;

const typeIs = (key: Key, ...types: number[]) => types.includes(key[WORD.ethType]!);
const isIp = (key: Key) => typeIs(key, 0x0800, 0x86dd);
const carries = (key: Key, protocol: number) =>
  isIp(key) && key[WORD.nwProto] === protocol && (key[WORD.nwFrag]! & LATER_FRAGMENT) === 0;
const isDiscovery = (key: Key, ...types: number[]) =>
  typeIs(key, 0x86dd) && carries(key, 58) && types.includes(key[WORD.tpSrc]!) && key[WORD.tpDst] === 0;
const isConnection = (key: Key) => (key[WORD.ctState]! & TRACKED) !== 0 && key[WORD.ctNwProto] !== 0;

const MET: Readonly<Record<Prerequisite, (key: Key) => boolean>> = {
  vlan: (key) => (key[WORD.vlans]! & HAS_TAG) !== 0,
  ip: isIp,
  ipv4: (key) => typeIs(key, 0x0800),
  ipv6: (key) => typeIs(key, 0x86dd),
  tcp: (key) => carries(key, 6),
  udp: (key) => carries(key, 17),
  sctp: (key) => carries(key, 132),
  // Of later fragments, too, whose first bytes are then taken for a header: Open vSwitch does not look.
  icmpv4: (key) => typeIs(key, 0x0800) && key[WORD.nwProto] === 1,
  icmpv6: (key) => typeIs(key, 0x86dd) && key[WORD.nwProto] === 58,
  arp: (key) => typeIs(key, 0x0806, 0x8035),
  nd: (key) => isDiscovery(key, 135, 136),
  ndSolicit: (key) => isDiscovery(key, 135),
  ndAdvert: (key) => isDiscovery(key, 136),
  mpls: (key) => typeIs(key, 0x8847, 0x8848),
  pbb: () => false,
  nsh: (key) => typeIs(key, 0x894f),
  connection: isConnection,
  connectionIpv4: (key) => isConnection(key) && typeIs(key, 0x0800),
  connectionIpv6: (key) => isConnection(key) && typeIs(key, 0x86dd),
  connectionPorts: isConnection,
};

/** undefined where every packet has it. */
export function packetHas(prerequisite: Prerequisite | undefined): ((key: Key) => boolean) | undefined {
  return prerequisite === undefined ? undefined : MET[prerequisite];
}
