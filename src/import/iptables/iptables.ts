/** `iptables-save` (and `ip6tables-save`) as a Flowloom file; iptables-extensions(8) has the words. */

import { holds, ipText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { addAddress, createDraft, type Device, type Draft, deviceOf } from '../draft.ts';
import { readFilter } from './filter.ts';
import { readNat } from './nat.ts';
import { readRuleset, type Table } from './ruleset.ts';

export interface IptablesOptions {
  router: string;
  /** `eth0` → `192.0.2.1/24`: the rules do not say which addresses the devices have. */
  addresses: readonly (readonly [device: string, address: string])[];
  gateway: string | undefined;
}

const TABLES = ['filter', 'nat'];

export function importIptables(text: string, { router, addresses, gateway }: IptablesOptions): Draft {
  const draft = createDraft();
  for (const [name, address] of addresses) addAddress(deviceOf(draft, name), address);
  const tables = readRuleset(text, draft);
  for (const table of tables.values()) findDevices(table, draft);
  for (const [name, table] of tables) {
    if (TABLES.includes(name)) continue;
    for (const { rules } of table.values()) {
      for (const rule of rules) {
        draft.unmapped.push({ place: `line ${rule.line}`, text: rule.text, why: `table ${name} has no counterpart` });
      }
    }
  }
  const nat = tables.get('nat');
  if (nat !== undefined) readNat(nat, draft, router);
  const filter = tables.get('filter');
  if (filter !== undefined) readFilter(filter, draft);
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  let guesses = 0;
  for (const device of draft.devices.values()) {
    const known = device.addresses
      .map((each) => parseIpPrefix(each)!)
      .filter(({ family, length }) => length < (family === 4 ? 32 : 128));
    if (known.length > 0) continue;
    const taken = guess(device);
    if (taken !== undefined) {
      device.addresses = [taken, ...device.addresses.filter((each) => addressOf(each) !== addressOf(taken))];
    }
    draft.unmapped.push({
      place: device.name,
      text: taken === undefined ? 'its address' : `address ${taken} is a guess`,
      why: `the rules do not say it: give --address ${device.name}=ADDRESS/LENGTH, or write it into the file`,
    });
    if (device.addresses.length === 0) device.addresses.push(`192.0.2.${++guesses}/32`);
  }
  return draft;
}

/** The address that is known in the prefix that is known, or the prefix's first one. */
function guess({ addresses, subnets: [subnet] }: Device): string | undefined {
  const prefix = subnet === undefined ? undefined : parseIpPrefix(subnet);
  if (prefix === undefined) return undefined;
  const own = addresses.map(addressOf).find((each) => holds(prefix, parseIp(each)!));
  return `${own ?? ipText({ family: prefix.family, number: prefix.number + 1n })}/${prefix.length}`;
}

function addressOf(text: string): string {
  return text.slice(0, text.indexOf('/'));
}

/** All that rules name, and the prefixes that their packets come from. */
function findDevices(table: Table, draft: Draft): void {
  for (const { rules } of table.values()) {
    for (const { conditions } of rules) {
      const { inDevice, outDevice, notOutDevice, source, destination } = conditions;
      for (const [name, prefix] of [
        [inDevice, source],
        [outDevice, destination],
        // As docker writes it: what leaves its own network is translated.
        [notOutDevice, source],
      ] as const) {
        if (name === undefined || name === 'lo' || name.endsWith('+')) continue;
        const device = deviceOf(draft, name);
        if (/^(virbr|docker|br-)/.test(name)) device.isVirtual = true;
        const read = prefix === undefined ? undefined : parseIpPrefix(prefix);
        const isNetwork = read !== undefined && read.length >= 8 && read.length < (read.family === 4 ? 31 : 127);
        if (isNetwork && !device.subnets.includes(prefix!)) device.subnets.push(prefix!);
      }
    }
  }
}
