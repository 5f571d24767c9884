/** Whether a rule decides all that another one is about: zones, addresses, services and sizes, each within the other's. */

import { holds, type IpPrefix, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { FirewallAddresses, FirewallRule, FirewallZoneRef, Service } from '../model.ts';

/** Members of a set. */
export type MembersOf = (set: string) => readonly IpPrefix[];

/** `earlier` lets nothing pass by that the other is about. */
export function covers(earlier: FirewallRule, other: FirewallRule, membersOf: MembersOf): boolean {
  return (
    zoneWithin(earlier.from, other.from) &&
    zoneWithin(earlier.to, other.to) &&
    (earlier.over === undefined || (other.over !== undefined && other.over >= earlier.over)) &&
    servicesWithin(earlier.services, other.services) &&
    addressesWithin(earlier.fromAddresses, other.fromAddresses, membersOf) &&
    addressesWithin(earlier.toAddresses, other.toAddresses, membersOf)
  );
}

function zoneWithin(outer: FirewallZoneRef | undefined, inner: FirewallZoneRef | undefined): boolean {
  return outer === undefined || outer.name === inner?.name;
}

function servicesWithin(outer: readonly Service[] | undefined, inner: readonly Service[] | undefined): boolean {
  if (outer === undefined) return true;
  return inner?.every((each) => outer.some((other) => serviceWithin(other, each))) ?? false;
}

function serviceWithin(outer: Service, inner: Service): boolean {
  if (outer.protocol !== inner.protocol) return false;
  if (outer.family !== undefined && outer.family !== inner.family) return false;
  if (!portsWithin(outer.sourcePorts, inner.sourcePorts)) return false;
  if (outer.ports.length + outer.types.length === 0) return true;
  if (inner.ports.length + inner.types.length === 0) return false;
  return portsWithin(outer.ports, inner.ports) && inner.types.every((type) => outer.types.includes(type));
}

/** None: any. */
function portsWithin(outer: Service['ports'], inner: Service['ports']): boolean {
  if (outer.length === 0) return true;
  if (inner.length === 0) return false;
  return inner.every(([first, last]) => outer.some(([from, to]) => from <= first && last <= to));
}

function addressesWithin(
  outer: FirewallAddresses | undefined,
  inner: FirewallAddresses | undefined,
  membersOf: MembersOf,
): boolean {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  const others = inner.sets.filter((set) => !outer.sets.includes(set)).flatMap(membersOf);
  const within = [...inner.prefixes.map(prefixOf), ...others];
  const around = [...outer.prefixes.map(prefixOf), ...outer.sets.flatMap(membersOf)];
  return within.every((each) => around.some((other) => holds(other, each)));
}

function prefixOf(text: string): IpPrefix {
  return parseIpPrefix(text)!;
}
