/** A Flowloom file in the making: what an importer has understood so far, and what it could not take. */

import { holds, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';

/** Where something stood in what is imported: `line 12`, `rules:7`. */
export type Place = string;

/** A sentence of the file, and what it was made from. */
export interface Sentence {
  text: string;
  place: Place;
}

/** A line of what is imported, in its own words, and why no rule was made of it. */
export interface Unmapped {
  place: Place;
  text: string;
  why: string;
}

/** A device of the machine that is imported: an interface of the router, on a segment of its own. */
export interface Device {
  name: string;
  /** `10.66.66.1/24` */
  addresses: string[];
  /** Prefixes that are known to lie behind it. */
  subnets: string[];
  /** Words of Shorewall that the interface keeps. */
  options: string[];
  dhcp: DeviceDhcp | undefined;
  /** Its prefixes of IPv6 are advertised. */
  isAdvertised: boolean;
  /** The machine makes it itself (a bridge of libvirt's): no cable leads there. */
  isVirtual: boolean;
}

export interface DeviceDhcp {
  ranges: string[];
  reserve: [string, string][];
  domain?: string | undefined;
  /** Seconds. */
  lease?: number | undefined;
  place: Place;
}

export interface Draft {
  devices: Map<string, Device>;
  routes: Sentence[];
  nat: Sentence[];
  /** undefined: nothing filters. */
  firewall: { zones: Map<string, string[]>; policy: Sentence[]; rules: Sentence[] } | undefined;
  /** What has no counterpart. */
  unmapped: Unmapped[];
  /** What Flowloom does without being told, and what says nothing. */
  needless: Unmapped[];
}

export function createDraft(): Draft {
  return { devices: new Map(), routes: [], nat: [], firewall: undefined, unmapped: [], needless: [] };
}

/** The device of that name, from now on part of the file. */
export function deviceOf(draft: Draft, name: string): Device {
  let device = draft.devices.get(name);
  if (device === undefined) {
    device = { name, addresses: [], subnets: [], options: [], dhcp: undefined, isAdvertised: false, isVirtual: false };
    draft.devices.set(name, device);
  }
  return device;
}

export function firewallOf(draft: Draft): NonNullable<Draft['firewall']> {
  draft.firewall ??= { zones: new Map(), policy: [], rules: [] };
  return draft.firewall;
}

/** With its length, or alone. What is no address is left to who reads the rule; one that another device has stays there. */
export function addAddress(draft: Draft, device: string, address: string): void {
  const prefix = parseIpPrefix(address);
  if (prefix === undefined) return;
  const bare = address.split('/')[0]!;
  const own = deviceOf(draft, device);
  const isKnown = [...draft.devices.values()].some((each) => each.addresses.some((one) => one.split('/')[0] === bare));
  if (!isKnown) own.addresses.push(address.includes('/') ? address : `${bare}/${lengthOfOne(bare)}`);
}

/** An address that stands for one that nobody told: of those for documentation (RFC 5737), none that another has. */
export function addPlaceholder(draft: Draft, device: Device): void {
  const known = [...draft.devices.values()].flatMap(({ addresses, subnets }) => [...addresses, ...subnets]);
  const taken = known.map((text) => parseIpPrefix(text)!);
  for (const net of ['192.0.2', '198.51.100', '203.0.113']) {
    for (let last = 1; last < 255; last++) {
      const address = parseIp(`${net}.${last}`)!;
      if (taken.some((each) => holds(each, address))) continue;
      device.addresses.push(`${net}.${last}/32`);
      return;
    }
  }
}

/** Every sentence of the file. */
export function sentencesOf({ routes, nat, firewall }: Draft): Sentence[] {
  return [...routes, ...nat, ...(firewall?.policy ?? []), ...(firewall?.rules ?? [])];
}

function lengthOfOne(address: string): number {
  return parseIp(address)?.family === 6 ? 128 : 32;
}
