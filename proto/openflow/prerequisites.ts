/**
 * What must be matched too for a field to mean something (OpenFlow 1.4, 7.2.2.6; ovs-fields(7)). One table: the check at
 * run time, the types of matches and the tests against Open vSwitch all come from it.
 */

/** The field must be matched exactly, with one of these values. */
type OneOf = readonly number[];

/** Of one of these all bits of `set` must be matched as 1, all of `clear` as 0. */
type Bits = readonly { readonly set: number; readonly clear?: number }[];

interface Row {
  /** For people: what stands beside the field then. */
  readonly needs: string;
  readonly fields: Readonly<Record<string, OneOf | Bits>>;
}

/** Of these Open vSwitch wants one: new, est, rel, rpl, snat, dnat, or trk without inv. */
const CONNECTION_BITS = [
  { set: 0x01 },
  { set: 0x02 },
  { set: 0x04 },
  { set: 0x08 },
  { set: 0x40 },
  { set: 0x80 },
  { set: 0x20, clear: 0x10 },
] as const;
/** Anything but 0, with which Open vSwitch forgets the ports. */
const ANY_BIT = [
  { set: 0x01 },
  { set: 0x02 },
  { set: 0x04 },
  { set: 0x08 },
  { set: 0x10 },
  { set: 0x20 },
  { set: 0x40 },
  { set: 0x80 },
] as const;
const CONNECTION = 'a ctState with +new, +est, +rel, +rpl, +snat, +dnat or +trk-inv';

export const PREREQUISITES = {
  vlan: { needs: 'a vlanVid with a tag', fields: { vlanVid: [{ set: 0x1000 }] } },
  ip: { needs: 'ethType 0x0800 or 0x86dd', fields: { ethType: [0x0800, 0x86dd] } },
  ipv4: { needs: 'ethType 0x0800', fields: { ethType: [0x0800] } },
  ipv6: { needs: 'ethType 0x86dd', fields: { ethType: [0x86dd] } },
  tcp: { needs: 'ethType 0x0800 or 0x86dd and ipProto 6', fields: { ethType: [0x0800, 0x86dd], ipProto: [6] } },
  udp: { needs: 'ethType 0x0800 or 0x86dd and ipProto 17', fields: { ethType: [0x0800, 0x86dd], ipProto: [17] } },
  sctp: { needs: 'ethType 0x0800 or 0x86dd and ipProto 132', fields: { ethType: [0x0800, 0x86dd], ipProto: [132] } },
  icmpv4: { needs: 'ethType 0x0800 and ipProto 1', fields: { ethType: [0x0800], ipProto: [1] } },
  icmpv6: { needs: 'ethType 0x86dd and ipProto 58', fields: { ethType: [0x86dd], ipProto: [58] } },
  arp: { needs: 'ethType 0x0806 or 0x8035', fields: { ethType: [0x0806, 0x8035] } },
  nd: {
    needs: 'ethType 0x86dd, ipProto 58 and icmpv6Type 135 or 136',
    fields: { ethType: [0x86dd], ipProto: [58], icmpv6Type: [135, 136] },
  },
  ndSolicit: {
    needs: 'ethType 0x86dd, ipProto 58 and icmpv6Type 135',
    fields: { ethType: [0x86dd], ipProto: [58], icmpv6Type: [135] },
  },
  ndAdvert: {
    needs: 'ethType 0x86dd, ipProto 58 and icmpv6Type 136',
    fields: { ethType: [0x86dd], ipProto: [58], icmpv6Type: [136] },
  },
  mpls: { needs: 'ethType 0x8847 or 0x8848', fields: { ethType: [0x8847, 0x8848] } },
  pbb: { needs: 'ethType 0x88e7', fields: { ethType: [0x88e7] } },
  nsh: { needs: 'ethType 0x894f', fields: { ethType: [0x894f] } },
  /** The original tuple of a connection: Open vSwitch refuses its fields, or drops those of ports from the match. */
  connection: { needs: CONNECTION, fields: { ctState: CONNECTION_BITS } },
  connectionIpv4: {
    needs: `ethType 0x0800 and ${CONNECTION}`,
    fields: { ethType: [0x0800], ctState: CONNECTION_BITS },
  },
  connectionIpv6: {
    needs: `ethType 0x86dd and ${CONNECTION}`,
    fields: { ethType: [0x86dd], ctState: CONNECTION_BITS },
  },
  connectionPorts: {
    needs: `a ctNwProto and ${CONNECTION}`,
    fields: { ctNwProto: ANY_BIT, ctState: CONNECTION_BITS },
  },
} as const satisfies Readonly<Record<string, Row>>;

export type Prerequisite = keyof typeof PREREQUISITES;

/** Whether the other fields of a match fulfil it. */
export function fulfils(match: Readonly<Record<string, unknown>>, prerequisite: Prerequisite): boolean {
  for (const { name, wanted } of WANTED[prerequisite]) if (!isOneOf(match[name], wanted)) return false;
  return true;
}

function isOneOf(found: unknown, wanted: OneOf | Bits): boolean {
  for (const one of wanted) if (isMet(found, one)) return true;
  return false;
}

type Wanted = { name: string; wanted: OneOf | Bits }[];
const WANTED = Object.fromEntries(
  Object.entries(PREREQUISITES).map(([prerequisite, { fields }]: [string, Row]) => [
    prerequisite,
    Object.entries(fields).map(([name, wanted]) => ({ name, wanted })),
  ]),
) as Record<Prerequisite, Wanted>;

function isMet(found: unknown, wanted: OneOf[number] | Bits[number]): boolean {
  if (typeof wanted === 'number') return found === wanted;
  const { value, mask } = bitsOf(found);
  const { set, clear = 0 } = wanted;
  return (value & mask & set) === set && (mask & clear) === clear && (value & clear) === 0;
}

/** Nothing at all where the field is not matched by a number. */
function bitsOf(found: unknown): { value: number; mask: number } {
  if (typeof found === 'number') return { value: found, mask: -1 };
  const { value, mask } = (typeof found === 'object' && found !== null ? found : {}) as Record<string, unknown>;
  return typeof value === 'number' && typeof mask === 'number' ? { value, mask } : { value: 0, mask: 0 };
}
