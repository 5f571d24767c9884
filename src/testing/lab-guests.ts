/** The guests of a lab: where they are, and what a file says of them. */

import type { Config } from '../config/model.ts';
import { familyOf } from '../flow/prefix.ts';
import { createGuest, type Guest, type GuestOptions } from './guest.ts';
import type { LabSwitch } from './lab-network.ts';
import { guestMac } from './mac.ts';
import { placeOf } from './place.ts';

export function createGuests(
  given: Readonly<Record<string, GuestOptions>>,
  switches: ReadonlyMap<string, LabSwitch>,
  config: Config | undefined,
): Map<string, Guest> {
  const guests = new Map<string, Guest>();
  for (const [index, [name, options]] of Object.entries(given).entries()) {
    const at = options.at ?? portNamed(name, switches);
    placeOf(at, switches);
    const taken = [...guests.values()].find((each) => each.at === at);
    if (taken !== undefined) throw new Error(`guests "${taken.name}" and "${name}" are both at ${at}: a port has one`);
    // What the file says of its port it is.
    const port = config?.bridges
      .flatMap((bridge) => bridge.ports.map((each) => ({ ...each, at: `${each.host}/${bridge.name}:${each.name}` })))
      .find((each) => each.at === at);
    const stations = (port?.addresses ?? []).filter((each) => !each.includes('/'));
    const ip = options.ip ?? stations.find((each) => familyOf(each) === 4);
    const ip6 = options.ip6 ?? stations.find((each) => familyOf(each) === 6);
    const mac = options.mac ?? port?.macs[0] ?? guestMac(index + 1);
    const found = { ...(ip !== undefined && { ip }), ...(ip6 !== undefined && { ip6 }) };
    guests.set(name, createGuest(name, at, mac, { ...options, ...found }));
  }
  return guests;
}

/** Where a file has a port of the guest's name. */
function portNamed(name: string, switches: ReadonlyMap<string, LabSwitch>): string {
  const found = [...switches.values()].filter(({ ports }) => ports.has(name));
  if (found.length === 1) return `${found[0]!.name}:${name}`;
  throw new Error(`where is the guest "${name}"? Give \`at\`, such as '${[...switches.keys()][0]}:PORT'`);
}
