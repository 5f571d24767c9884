/** A folder of Shorewall (`/etc/shorewall`) as a Flowloom file: zones, interfaces, policy, rules, snat or masq, nat. */

import { addAddress, addPlaceholder, createDraft, type Draft, deviceOf, firewallOf } from '../draft.ts';
import { isDeviceName } from '../iptables/rule.ts';
import { takeOutRefused } from '../refused.ts';
import { logWords } from './log.ts';
import { readMasq, readOneToOne, readSnat } from './nat.ts';
import { readRule, type Zones } from './rules.ts';
import { type ReadFile, type Row, readParams, readTable } from './tables.ts';

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
  'routes',
  'arprules',
  'notrack',
  'rawnat',
  'tos',
  'tcclasses',
  'tcdevices',
  'tcfilters',
  'tcinterfaces',
  'tcpri',
  'nfacct',
  'routestopped',
  'init',
  'initdone',
  'start',
  'started',
  'stop',
  'stopped',
];

export function importShorewall(read: ReadFile, { router, addresses, gateway }: ShorewallOptions): Draft {
  const draft = createDraft();
  const variables = readParams(read, draft);
  const rows = (name: string) => readTable(name, read, variables, draft);
  const tell: Tell = ({ place, text }, why) => void draft.unmapped.push({ place, text, why });
  let firewall = 'fw';
  const { zones } = firewallOf(draft);
  const zoneRows = rows('zones');
  for (const row of zoneRows) {
    const [name = '', type = 'ip', ...more] = row.columns;
    if (type === 'firewall') firewall = name;
    else if (/^(ip|ipv4|-)$/.test(type) && isDeviceName(name)) zones.set(name, []);
    else tell(row, `a zone of type ${type} has no counterpart`);
    const options = more.filter((each) => each !== undefined);
    if (options.length > 0)
      tell(row, `options of a zone (\`${options.join(' ')}\`) have no counterpart; it is taken without`);
  }
  variables.set('FW', firewall);
  const take = (name: string, read: (row: Row) => string | undefined) => {
    for (const row of rows(name)) {
      const why = read(row);
      if (why !== undefined) tell(row, why);
    }
  };
  /** By their names in \`interfaces\`. */
  const devices = new Map<string, string>();
  take('interfaces', (row) => readInterface(row, draft, devices, tell));
  for (const row of zoneRows) {
    const [name = ''] = row.columns;
    if (zones.get(name)?.length !== 0) continue;
    zones.delete(name);
    tell(row, 'no line of `interfaces` is of this zone, so nothing is in it');
  }
  for (const [name, address] of addresses) addAddress(draft, name, address);
  /** `all+ all+`: of traffic within a zone, too. */
  let isWithin = false;
  take('policy', (row) => {
    isWithin ||= row.columns.slice(0, 2).every((each) => each?.endsWith('+') === true);
    return readPolicy(row, draft, firewall);
  });
  if (!isWithin) addWithinZones(draft);
  const known: Zones = {
    ...{ firewall, router, devicesOf: (zone) => zones.get(zone) ?? [] },
    deviceNamed: (name) => devices.get(name) ?? (draft.devices.has(name) ? name : undefined),
  };
  take('rules', (row) => readRule(row, draft, known));
  take('nat', (row) => readOneToOne(row, draft, known));
  take('masq', (row) => readMasq(row, draft, known));
  take('snat', (row) => readSnat(row, draft, known));
  for (const name of UNREAD) for (const row of rows(name)) tell(row, `the file \`${name}\` has no counterpart`);
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  for (const device of draft.devices.values()) {
    if (device.addresses.some((each) => !each.endsWith('/32'))) continue;
    if (device.addresses.length === 0) addPlaceholder(draft, device);
    draft.unmapped.push({
      place: device.name,
      text: 'its address',
      why: `Shorewall's files do not say it: give --address ${device.name}=ADDRESS/LENGTH, or write it into the file`,
    });
  }
  return takeOutRefused(draft);
}

/** Whether the folder has any file of Shorewall's. */
export function isShorewall(read: ReadFile): boolean {
  return READ.some((name) => read(name) !== undefined);
}

type Tell = (row: Row, why: string) => void;

function readInterface(row: Row, draft: Draft, devices: Map<string, string>, tell: Tell): string | undefined {
  const [zone, logical = '', third, fourth] = row.columns;
  // In the older format the third column is the broadcast address.
  const words = (fourth ?? (third !== undefined && !/^(detect|[\d.,]+)$/.test(third) ? third : ''))
    .split(',')
    .filter((word) => word !== '');
  const name = words.find((word) => word.startsWith('physical='))?.slice('physical='.length) ?? logical;
  if (name.endsWith('+')) return `\`${name}\` stands for several devices: write a line for each`;
  if (name === 'lo') {
    draft.needless.push({ place: row.place, text: row.text, why: 'what a machine says to itself does not come here' });
    return undefined;
  }
  if (!isDeviceName(name)) return `\`${name}\` is no name of a segment`;
  const device = deviceOf(draft, name);
  devices.set(logical, name);
  for (const word of words) {
    const [option = ''] = word.split('=');
    if (OPTIONS.includes(option)) {
      if (!word.endsWith('=0') && !device.options.includes(option)) device.options.push(option);
    } else if (option === 'dhcp')
      tell(row, 'DHCP: as a server write `dhcp`; as a client `address: follow`, and `self` on a port of this segment');
    else if (!NEEDLESS.includes(option)) tell(row, `option \`${word}\` has no counterpart`);
  }
  const { zones } = firewallOf(draft);
  if (zone === undefined) return 'an interface without a zone (`hosts` tells them apart) has no counterpart';
  const members = zones.get(zone);
  if (members === undefined) return `zone ${zone} is not in \`zones\``;
  if (!members.includes(name)) members.push(name);
  return undefined;
}

function readPolicy(row: Row, draft: Draft, firewall: string): string | undefined {
  const [source = '', dest = '', policy = '', level, ...more] = row.columns;
  const action = POLICIES[policy.split(':')[0] ?? ''];
  if (action === undefined) return `policy ${policy} has no counterpart`;
  if (more.some((each) => each !== undefined)) return 'limits of a policy have no counterpart';
  const zonesIn = (text: string) =>
    text.split(',').map((name) => {
      if (name === '$FW' || name === firewall) return 'fw';
      return /^(any|all)[+]?$/.test(name) ? 'all' : name;
    });
  const log = logWords(level);
  for (const from of zonesIn(source)) {
    for (const to of zonesIn(dest)) {
      firewallOf(draft).policy.push({ text: `${from} to ${to} ${action}${log}`, place: row.place });
    }
  }
  return undefined;
}

/** shorewall-policy(5): within a zone all is accepted, unless a policy names it on both sides. */
function addWithinZones(draft: Draft): void {
  const { zones, policy } = firewallOf(draft);
  const own = [...zones].filter(([, members]) => {
    return members.length > 1 || members.some((name) => draft.devices.get(name)?.options.includes('routeback'));
  });
  const missing = own.filter(([name]) => !policy.some(({ text }) => text.startsWith(`${name} to ${name} `)));
  policy.unshift(...missing.map(([name]) => ({ text: `${name} to ${name} accept`, place: 'zones' })));
}
