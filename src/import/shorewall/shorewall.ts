/** A folder of Shorewall (`/etc/shorewall`) as a Flowloom file: zones, interfaces, policy, rules, snat or masq, nat. */

import { networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { addAddress, createDraft, type Draft, deviceOf, firewallOf } from '../draft.ts';
import { logWords } from './log.ts';
import { readRule, type Zones } from './rules.ts';
import { type ReadFile, type Row, readParams, readTable } from './tables.ts';

/** The devices of the interfaces that have a name of their own (`physical=eth0`). */
type Devices = Map<string, string>;

export interface ShorewallOptions {
  router: string;
  addresses: readonly (readonly [device: string, address: string])[];
  gateway: string | undefined;
}

/** Those that Flowloom's interfaces have, too; the others are the kernel's. */
const OPTIONS = ['norfc1918', 'nosmurfs', 'tcpflags', 'routefilter', 'routeback'];
/** Nothing is to be done for them here. */
const NEEDLESS = [
  'logmartians',
  'arp_filter',
  'arp_ignore',
  'detect',
  'physical',
  'optional',
  'required',
  'wait',
  'sourceroute',
  'blacklist',
  'maclist',
];
const POLICIES: Readonly<Record<string, string>> = { ACCEPT: 'accept', DROP: 'drop', REJECT: 'reject' };
const READ = ['zones', 'interfaces', 'policy', 'rules', 'masq', 'snat', 'nat'];
/** Other files of shorewall-files(5) that say what passes. */
const UNREAD = [
  'hosts',
  'blrules',
  'blacklist',
  'maclist',
  'tunnels',
  'providers',
  'rtrules',
  'netmap',
  'mangle',
  'tcrules',
  'conntrack',
  'stoppedrules',
  'proxyarp',
  'accounting',
  'secmarks',
  'ecn',
  'actions',
];

export function importShorewall(read: ReadFile, { router, addresses, gateway }: ShorewallOptions): Draft {
  const draft = createDraft();
  const variables = readParams(read, draft);
  const rows = (name: string) => readTable(name, read, variables, draft);
  const tell = ({ place, text }: Row, why: string) => void draft.unmapped.push({ place, text, why });
  let firewall = 'fw';
  const { zones } = firewallOf(draft);
  for (const row of rows('zones')) {
    const [name = '', type = 'ip'] = row.columns;
    if (type === 'firewall') firewall = name;
    else if (/^(ip|ipv4|-)$/.test(type) && !name.includes(':')) zones.set(name, []);
    else tell(row, `a zone of type ${type} has no counterpart`);
  }
  variables.set('FW', firewall);
  const take = (name: string, read: (row: Row) => string | undefined) => {
    for (const row of rows(name)) {
      const why = read(row);
      if (why !== undefined) tell(row, why);
    }
  };
  const devices: Devices = new Map();
  take('interfaces', (row) => readInterface(row, draft, devices, tell));
  const device = (name: string) => devices.get(name) ?? name;
  for (const [name, address] of addresses) addAddress(deviceOf(draft, name), address);
  take('policy', (row) => readPolicy(row, draft, firewall));
  acceptWithinZones(draft);
  const known: Zones = { firewall, router, devicesOf: (zone) => zones.get(zone) ?? [] };
  take('rules', (row) => readRule(row, draft, known));
  take('nat', (row) => readOneToOne(row, draft, device));
  take('masq', (row) => readMasq(row, draft, { router, device }));
  take('snat', (row) => readSnat(row, draft, { router, device }));
  for (const name of UNREAD) for (const row of rows(name)) tell(row, `the file \`${name}\` has no counterpart`);
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  let guesses = 0;
  for (const device of draft.devices.values()) {
    if (device.addresses.some((each) => !each.endsWith('/32'))) continue;
    if (device.addresses.length === 0) device.addresses.push(`192.0.2.${++guesses}/32`);
    draft.unmapped.push({
      place: device.name,
      text: 'its address',
      why: `Shorewall's files do not say it: give --address ${device.name}=ADDRESS/LENGTH, or write it into the file`,
    });
  }
  return draft;
}

/** Whether the folder has any file of Shorewall's. */
export function isShorewall(read: ReadFile): boolean {
  return READ.some((name) => read(name) !== undefined);
}

type Tell = (row: Row, why: string) => void;

function readInterface(row: Row, draft: Draft, devices: Devices, tell: Tell): string | undefined {
  const [zone, logical = '', third, fourth] = row.columns;
  // In the older format the third column is the broadcast address.
  const words = (fourth ?? (third !== undefined && !/^(detect|[\d.,]+)$/.test(third) ? third : ''))
    .split(',')
    .filter((word) => word !== '');
  const name = words.find((word) => word.startsWith('physical='))?.slice('physical='.length) ?? logical;
  devices.set(logical, name);
  if (name.endsWith('+')) return `\`${name}\` stands for several devices: write a line for each`;
  if (name === 'lo') return undefined;
  const device = deviceOf(draft, name);
  for (const word of words) {
    const [option = ''] = word.split('=');
    if (OPTIONS.includes(option)) {
      if (!word.endsWith('=0')) device.options.push(option);
    } else if (option === 'dhcp')
      tell(row, 'DHCP: as a server write `dhcp`; as a client `address: follow`, and `self` on a port of this segment');
    else if (!NEEDLESS.includes(option)) tell(row, `option \`${word}\` has no counterpart`);
  }
  const { zones } = firewallOf(draft);
  if (zone === undefined) return 'an interface without a zone (`hosts` tells them apart) has no counterpart';
  const members = zones.get(zone);
  if (members === undefined) return `zone ${zone} is not in \`zones\``;
  members.push(name);
  return undefined;
}

function readPolicy(row: Row, draft: Draft, firewall: string): string | undefined {
  const [source = '', dest = '', policy = '', level] = row.columns;
  const action = POLICIES[policy.split(':')[0] ?? ''];
  if (action === undefined) return `policy ${policy} has no counterpart`;
  const zone = (name: string) =>
    name === '$FW' || name === firewall ? 'fw' : name === 'any' ? 'all' : name.replace(/[+]$/, '');
  const text = `${zone(source)} to ${zone(dest)} ${action}${logWords(level)}`;
  firewallOf(draft).policy.push({ text, place: row.place });
  return undefined;
}

/** shorewall-policy(5): what goes from a zone to itself is accepted unless a policy names it, and `all` does not. */
function acceptWithinZones(draft: Draft): void {
  const { zones, policy } = firewallOf(draft);
  for (const [zone, devices] of zones) {
    const isNamed = policy.some(({ text }) => text.startsWith(`${zone} to ${zone} `));
    if (devices.length > 1 && !isNamed) policy.unshift({ text: `${zone} to ${zone} accept`, place: 'zones' });
  }
}

/** shorewall-nat(5): EXTERNAL INTERFACE INTERNAL */
function readOneToOne({ place, columns }: Row, draft: Draft, device: Outside['device']): string | undefined {
  const [external, name = '', internal] = columns;
  if (external === undefined || internal === undefined) return 'it names no two addresses';
  addAddress(deviceOf(draft, device(name.split(':')[0]!)), `${external}/32`);
  draft.nat.push({ text: `one-to-one ${external} with ${internal}`, place });
  return undefined;
}

interface Outside {
  router: string;
  /** The device of an interface of Shorewall's. */
  device(name: string): string;
}

/** shorewall-masq(5), of Shorewall 4: INTERFACE[:DEST] SOURCE [ADDRESS] */
function readMasq(row: Row, draft: Draft, outside: Outside): string | undefined {
  const [out = '', source, address, ...more] = row.columns;
  return translate(row, draft, outside, { out, source, address, more });
}

/** shorewall-snat(5): MASQUERADE or SNAT(ADDRESS), SOURCE, DEST */
function readSnat(row: Row, draft: Draft, outside: Outside): string | undefined {
  const [action = '', source, dest = '', ...more] = row.columns;
  const given = /^SNAT\(([^)]*)\)/.exec(action)?.[1];
  if (given === undefined && !action.startsWith('MASQUERADE')) return `action ${action} has no counterpart`;
  return translate(row, draft, outside, { out: dest, source, address: given, more });
}

interface Translation {
  out: string;
  source: string | undefined;
  address: string | undefined;
  more: (string | undefined)[];
}

function translate(
  row: Row,
  draft: Draft,
  { router, device: deviceNamed }: Outside,
  { out, source, address, more }: Translation,
): string | undefined {
  const [name = '', destination] = out.split(':');
  const device = deviceNamed(name);
  if (more.some((each) => each !== undefined)) return 'translation by protocol or port has no counterpart';
  if (destination !== undefined && destination !== '')
    return 'translation by destination: write `exempt` for the others';
  const own = deviceOf(draft, device);
  const sources = (source ?? '0.0.0.0/0').split(',').flatMap((each) => prefixesBehind(deviceNamed(each), draft));
  if (sources.some((each) => each === undefined)) return `the prefixes behind ${source} are not known: write them`;
  for (const from of sources) {
    if (address === undefined) draft.nat.push({ text: `masquerade ${from} out ${router}/${device}`, place: row.place });
    else {
      if (!address.includes('-')) addAddress(own, `${address}/32`);
      draft.nat.push({ text: `snat ${from} to ${address} out ${router}/${device}`, place: row.place });
    }
  }
  return undefined;
}

/** A device stands for what is behind it. */
function prefixesBehind(source: string, draft: Draft): (string | undefined)[] {
  if (/^[\d.]+\/\d+$/.test(source)) return [source];
  if (/^[\d.]+$/.test(source)) return [`${source}/32`];
  const device = draft.devices.get(source);
  const networks = (device?.addresses ?? []).filter((each) => !each.endsWith('/32')).map(networkOf);
  return networks.length > 0 ? networks : [undefined];
}

function networkOf(text: string): string {
  return networkText(parseIpPrefix(text)!);
}
