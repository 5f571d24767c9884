/** `iptables-save` (and `ip6tables-save`) as a Flowloom file; iptables-extensions(8) has the words. */

import { holds, type IpPrefix, ipText, meet, networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import {
  addAddress,
  addPlaceholder,
  createDraft,
  type Device,
  type Draft,
  deviceOf,
  sentencesOf,
  type Unmapped,
} from '../draft.ts';
import { takeOutRefused } from '../refused.ts';
import { readFilter } from './filter.ts';
import { readNat } from './nat.ts';
import { isDeviceName } from './rule.ts';
import { readRuleset, type Table, tellNeedless, tellOf } from './ruleset.ts';

export interface IptablesOptions {
  router: string;
  /** `eth0` → `192.0.2.1/24`: the rules do not say which addresses the devices have. */
  addresses: readonly (readonly [device: string, address: string])[];
  gateway: string | undefined;
}

const TABLES = ['filter', 'nat'];
/** Whose policies become the file's. */
const HOOKS = ['INPUT', 'OUTPUT', 'FORWARD'];
/** Bridges of which a program makes the guests' ports. */
const VIRTUAL = /^(virbr|docker|br-|vboxnet|vmnet|lxcbr|lxdbr|incusbr|podman|cni)/;
/** Only ip6tables-save has them. */
const IPV6 = /(^|\s)-[sd] [^\s"]*:|icmpv?6/m;

export function importIptables(text: string, { router, addresses, gateway }: IptablesOptions): Draft {
  const draft = createDraft();
  for (const [name, address] of addresses) addAddress(draft, name, address);
  const tables = readRuleset(text, draft);
  for (const table of tables.values()) findDevices(table, draft);
  for (const device of draft.devices.values()) device.subnets = ownSubnets(device, draft);
  if (draft.devices.size === 0) deviceOf(draft, 'eth0');
  for (const [name, table] of tables) if (!TABLES.includes(name)) tellAll(name, table, draft);
  const nat = tables.get('nat');
  if (nat !== undefined) readNat(nat, draft, router, IPV6.test(text) ? '::/0' : '0.0.0.0/0');
  const filter = tables.get('filter');
  if (filter !== undefined) readFilter(filter, draft);
  for (const name of TABLES) {
    const table = tables.get(name);
    if (table !== undefined) tellTheRest(name, table, draft);
  }
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  addGuesses(draft);
  draft.unmapped = onceEach(draft.unmapped);
  draft.needless = onceEach(draft.needless);
  return takeOutRefused(draft);
}

function onceEach(lines: readonly Unmapped[]): Unmapped[] {
  return [...new Map(lines.map((each) => [`${each.place} ${each.why}`, each])).values()];
}

function tellAll(name: string, table: Table, draft: Draft): void {
  for (const { rules } of table.values()) {
    for (const rule of rules) {
      if (rule.target === 'CHECKSUM') tellNeedless(draft, rule, 'checksums are whole here');
      else tellOf(draft, rule, `table ${name} has no counterpart`);
    }
  }
  tellPolicies(name, table, draft);
}

function tellPolicies(name: string, table: Table, draft: Draft): void {
  for (const [chain, { policy, line }] of table) {
    if (policy === 'ACCEPT' || policy === '-' || (name === 'filter' && HOOKS.includes(chain))) continue;
    const why = `what ${chain} of table ${name} does with the rest has no counterpart`;
    draft.unmapped.push({ place: `line ${line}`, text: `:${chain} ${policy}`, why });
  }
}

/** No line is lost: what nothing was said of so far has no effect, or is part of what was not taken. */
function tellTheRest(name: string, table: Table, draft: Draft): void {
  tellPolicies(name, table, draft);
  const told = new Set([...sentencesOf(draft), ...draft.unmapped, ...draft.needless].map(({ place }) => place));
  for (const [chain, { rules }] of table) {
    for (const rule of rules) {
      if (told.has(`line ${rule.line}`) || (rule.isMet && table.has(rule.target))) continue;
      if (rule.isMet) tellOf(draft, rule, 'it never applies where its chain is called');
      else
        tellOf(
          draft,
          rule,
          `nothing that was taken leads to it: chain ${chain} is called by no line, or by none that was taken`,
        );
    }
  }
}

/** What rules name may lie anywhere behind a device: its own is what its address says, or what no other device has. */
function ownSubnets({ name, addresses, subnets }: Device, { devices }: Draft): string[] {
  const networks = networksOf(addresses);
  if (networks.length > 0) return subnets.filter((text) => networks.some((each) => networkText(each) === text));
  const others = [...devices.values()].filter((each) => each.name !== name);
  const taken = others.flatMap((each) => [
    ...networksOf(each.addresses),
    ...each.subnets.map((text) => parseIpPrefix(text)!),
  ]);
  return subnets.filter((text) => !taken.some((each) => meet(each, parseIpPrefix(text)!)));
}

function networksOf(addresses: readonly string[]): IpPrefix[] {
  return addresses
    .map((each) => parseIpPrefix(each)!)
    .filter(({ family, length }) => length < (family === 4 ? 32 : 128));
}

function addGuesses(draft: Draft): void {
  for (const device of draft.devices.values()) {
    if (device.isVirtual) {
      const why = 'the rules do not say at which ports they are: write those in place of the pattern';
      draft.unmapped.push({ place: device.name, text: 'its guests', why });
    }
    if (networksOf(device.addresses).length > 0) continue;
    const taken = guess(device);
    if (taken !== undefined) {
      device.addresses = [taken, ...device.addresses.filter((each) => addressOf(each) !== addressOf(taken))];
    }
    draft.unmapped.push({
      place: device.name,
      text: taken === undefined ? 'its address' : `address ${taken} is a guess`,
      why: `the rules do not say it: give --address ${device.name}=ADDRESS/LENGTH, or write it into the file`,
    });
    if (device.addresses.length === 0) addPlaceholder(draft, device);
  }
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
    for (const { conditions, target } of rules) {
      const { inDevice, outDevice, notOutDevice, source, destination } = conditions;
      for (const [name, prefix] of [
        [inDevice, source],
        [outDevice, destination],
        // As docker writes it: what leaves its own network is translated.
        [notOutDevice, source],
      ] as const) {
        if (name === undefined || name === 'lo' || !isDeviceName(name)) continue;
        const device = deviceOf(draft, name);
        if (VIRTUAL.test(name)) device.isVirtual = true;
        const read = prefix === undefined ? undefined : parseIpPrefix(prefix);
        const isNetwork =
          !/^(DROP|REJECT)$/.test(target) &&
          read !== undefined &&
          read.length >= 8 &&
          read.length < (read.family === 4 ? 31 : 127);
        if (isNetwork && !device.subnets.includes(prefix!)) device.subnets.push(prefix!);
      }
    }
  }
}
