/** A Flowloom file in the making: what an importer has understood so far, and what it could not take. */

/** Where something stood in what is imported: `line 12`, `rules:7`. */
export type Place = string;

/** A sentence of the file, and what it was made from. */
export interface Sentence {
  text: string;
  place: Place;
}

/** What has no counterpart, in its own words, and why. */
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
  dhcp: { range: string; reserve: [string, string][]; domain?: string | undefined; place: Place } | undefined;
  /** The machine makes it itself (a bridge of libvirt's): no cable leads there. */
  isVirtual: boolean;
}

export interface Draft {
  devices: Map<string, Device>;
  routes: Sentence[];
  nat: Sentence[];
  /** undefined: nothing filters. */
  firewall: { zones: Map<string, string[]>; policy: Sentence[]; rules: Sentence[] } | undefined;
  unmapped: Unmapped[];
}

export function createDraft(): Draft {
  return { devices: new Map(), routes: [], nat: [], firewall: undefined, unmapped: [] };
}

/** The device of that name, from now on part of the file. */
export function deviceOf(draft: Draft, name: string): Device {
  let device = draft.devices.get(name);
  if (device === undefined) {
    device = { name, addresses: [], subnets: [], options: [], dhcp: undefined, isVirtual: false };
    draft.devices.set(name, device);
  }
  return device;
}

export function firewallOf(draft: Draft): NonNullable<Draft['firewall']> {
  draft.firewall ??= { zones: new Map(), policy: [], rules: [] };
  return draft.firewall;
}

export function addAddress(device: Device, address: string): void {
  const bare = address.split('/')[0];
  if (!device.addresses.some((each) => each.split('/')[0] === bare)) device.addresses.push(address);
}
