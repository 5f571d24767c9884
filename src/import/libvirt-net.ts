/** A libvirt network (formatnetwork, `virsh net-dumpxml`) as a Flowloom file: what its rules of NAT and DHCP do. */

import { DOMParser, type Element } from '@xmldom/xmldom';
import { holds, type IpPrefix, networkText, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import { isDomain } from '../config/dhcp/options.ts';
import { addAddress, addPlaceholder, createDraft, type Draft, deviceOf, firewallOf } from './draft.ts';
import { isDeviceName } from './iptables/rule.ts';
import { takeOutRefused } from './refused.ts';

export interface LibvirtOptions {
  router: string;
  /** The device that the host's traffic leaves by; libvirt takes whatever the routes say. undefined: nobody said it. */
  uplink: string | undefined;
  addresses: readonly (readonly [device: string, address: string])[];
  gateway: string | undefined;
}

/** The text is no XML of a network: what is wrong, and in which line. */
export class LibvirtError extends Error {}

/** Elements that are read, and those that say nothing for the network. */
const KNOWN = [
  'name',
  'uuid',
  'forward',
  'nat',
  'port',
  'bridge',
  'mac',
  'ip',
  'dhcp',
  'range',
  'host',
  'domain',
  'network',
  'address',
  'lease',
];
/** Seconds; minutes are libvirt's own. */
const UNITS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600 };
const FOREVER = 4_294_967_294;
const LEAST_LEASE = 60;
/** Where nobody says it. */
const UPLINK = 'eth0';
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** As libvirt does where the range of ports is not given. */
const PORTS = '1024-65535';
/** Of what the parser says. */
const LONGEST = 100;
/** Node.ELEMENT_NODE */
const ELEMENT = 1;

type Tell = (element: Element, why: string) => void;

export function importLibvirtNet(text: string, options: LibvirtOptions): Draft {
  const network = parse(text);
  const { router, uplink, addresses, gateway } = options;
  const draft = createDraft();
  const tell: Tell = (element, why) =>
    void draft.unmapped.push({ place: placeOf(element), text: `<${element.tagName}>`, why });
  const forward = childrenOf(network, 'forward')[0];
  const mode = forward === undefined ? 'isolated' : (forward.getAttribute('mode') ?? 'nat');
  const device = (element: Element | undefined, attribute: string, otherwise: string) => {
    const given = element?.getAttribute(attribute) ?? otherwise;
    if (isDeviceName(given)) return given;
    if (element !== undefined) tell(element, `\`${given}\` is no name of a segment: ${otherwise} stands for it`);
    return otherwise;
  };
  const name = device(childrenOf(network, 'bridge')[0], 'name', 'virbr0');
  const inside = deviceOf(draft, name);
  inside.isVirtual = true;
  const out = device(forward, 'dev', uplink ?? UPLINK);
  for (const element of unknownIn(network)) tell(element, 'it has no counterpart');
  for (const element of childrenOf(network, 'ip')) readAddress(element, network, draft, name, tell);
  if (inside.addresses.length === 0) {
    addPlaceholder(draft, inside);
    tell(network, 'it has no address: guests that only reach each other need a segment alone, no router');
  }
  const firewall = firewallOf(draft);
  firewall.zones.set('guests', [name]);
  const place = placeOf(forward ?? network);
  if (mode === 'nat' || mode === 'route' || mode === 'open') {
    addOutside(draft, out, options);
    if (uplink === undefined && forward?.getAttribute('dev') == null) {
      const why = `the XML does not say by which device the host's traffic leaves: give --uplink`;
      draft.unmapped.push({ place: out, text: `${out} is a guess`, why });
    }
    firewall.zones.set('net', [out]);
    const nat = forward === undefined ? undefined : childrenOf(forward, 'nat')[0];
    // Without `ipv6='yes'` IPv6 is routed, as libvirt does.
    const isTranslated = (subnet: string) =>
      mode === 'nat' && (!subnet.includes(':') || nat?.getAttribute('ipv6') === 'yes');
    for (const subnet of inside.subnets) {
      const side = `guests:${subnet}`;
      firewall.rules.push({ text: `accept all from ${side} to net`, place });
      if (isTranslated(subnet)) draft.nat.push({ text: translation(subnet, `${router}/${out}`, nat), place });
      else firewall.rules.push({ text: `accept all from net to ${side}`, place });
    }
  } else if (mode !== 'isolated' && forward !== undefined) {
    tell(
      forward,
      `mode \`${mode}\` makes no network of its own: put the guests' ports on the bridge of ${forward.getAttribute('dev') ?? 'the device'}`,
    );
  }
  // The rules that libvirt adds for its dnsmasq, and its REJECT of all the rest. DHCP that is served meets no rule.
  for (const service of [...(inside.dhcp === undefined ? ['dhcp'] : []), 'dns', 'ping'])
    firewall.rules.push({ text: `accept ${service} from guests to fw`, place });
  firewall.policy.push(
    { text: 'guests to guests accept', place },
    { text: 'fw to all accept', place },
    { text: 'all to all reject', place },
  );
  for (const [device, address] of addresses) addAddress(draft, device, address);
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  return takeOutRefused(draft);
}

/** To the addresses and ports that `<nat>` names, else to the address of the device. */
function translation(subnet: string, out: string, nat: Element | undefined): string {
  const ends = (tagName: string) => {
    const [range] = nat === undefined ? [] : childrenOf(nat, tagName);
    return range && `${range.getAttribute('start')}-${range.getAttribute('end')}`;
  };
  const [pool, ports = PORTS] = [ends('address'), ends('port')];
  const text = pool === undefined ? `masquerade ${subnet} out ${out}` : `snat ${subnet} to ${pool} out ${out}`;
  return ports === PORTS ? text : `${text} ports ${ports}`;
}

function addOutside(draft: Draft, out: string, { addresses }: LibvirtOptions): void {
  const device = deviceOf(draft, out);
  if (addresses.some(([name]) => name === out)) return;
  addPlaceholder(draft, device);
  draft.unmapped.push({
    place: out,
    text: 'its address',
    why: `the XML does not say it: give --address ${out}=ADDRESS/LENGTH, or write it into the file`,
  });
}

function readAddress(element: Element, network: Element, draft: Draft, device: string, tell: Tell): void {
  const address = element.getAttribute('address') ?? '';
  const length = element.getAttribute('prefix') ?? lengthOf(address, element.getAttribute('netmask'));
  const prefix = parseIpPrefix(`${address}/${length}`);
  if (prefix === undefined) {
    tell(element, `\`${address}\` with this netmask is no prefix`);
    return;
  }
  const own = deviceOf(draft, device);
  addAddress(draft, device, `${address}/${prefix.length}`);
  own.subnets.push(networkText(prefix));
  // libvirt's dnsmasq advertises its prefixes.
  if (prefix.family === 6) own.isAdvertised = true;
  const dhcp = childrenOf(element, 'dhcp')[0];
  if (dhcp === undefined) return;
  if (prefix.family === 6) {
    tell(dhcp, 'addresses of IPv6 are advertised, not leased');
    return;
  }
  const hosts = childrenOf(dhcp, 'host').flatMap((host) => readHost(host, prefix, tell));
  const written = childrenOf(dhcp, 'range');
  const ranges = written.flatMap((range): string[] => {
    const [first, last] = ['start', 'end'].map((each) => range.getAttribute(each) ?? '');
    if (isIn(prefix, first!) && isIn(prefix, last!)) return [`${first}-${last}`];
    tell(range, `it is not within ${networkText(prefix)}`);
    return [];
  });
  if (ranges.length + hosts.length === 0) {
    tell(dhcp, 'it has no range');
    return;
  }
  const domain = childrenOf(network, 'domain')[0];
  const name = domain?.getAttribute('name') ?? undefined;
  if (domain !== undefined && name !== undefined && !isDomain(name)) tell(domain, `\`${name}\` is no domain`);
  own.dhcp = {
    ...{ ranges, reserve: hosts, lease: leaseOf(written, tell), place: placeOf(dhcp) },
    domain: name !== undefined && isDomain(name) ? name : undefined,
  };
}

function isIn(prefix: IpPrefix, text: string): boolean {
  const address = parseIp(text);
  return address !== undefined && holds(prefix, address);
}

function readHost(host: Element, prefix: IpPrefix, tell: Tell): [string, string][] {
  const [ip, mac, name] = ['ip', 'mac', 'name'].map((each) => host.getAttribute(each) ?? '');
  if (!isIn(prefix, ip!)) tell(host, `a reservation has an address of ${networkText(prefix)}`);
  else if (MAC.test(mac!)) {
    if (name !== '') tell(host, `${ip} is reserved for its MAC address; its name is not told to anybody`);
    return [[mac!, ip!]];
  } else if (name !== '') return [[`hostname ${name}`, ip!]];
  else tell(host, 'a reservation has a MAC address or a name');
  return [];
}

/** Of the whole segment; libvirt has it with each range. */
function leaseOf(ranges: readonly Element[], tell: Tell): number | undefined {
  const leases = ranges.flatMap((range) => childrenOf(range, 'lease'));
  const seconds = leases.map((lease) => {
    const expiry = Number(lease.getAttribute('expiry') ?? Number.NaN);
    return expiry === 0 ? FOREVER : expiry * (UNITS[lease.getAttribute('unit') ?? 'minutes'] ?? Number.NaN);
  });
  const [first] = seconds;
  for (const [index, each] of seconds.entries()) {
    if (each !== first) tell(leases[index]!, 'a segment has one time for all of its leases');
  }
  if (first === undefined) return undefined;
  if (Number.isInteger(first) && first >= LEAST_LEASE) return Math.min(first, FOREVER);
  tell(leases[0]!, `a lease is for ${LEAST_LEASE} seconds at least`);
  return undefined;
}

/** `255.255.255.0` → 24; without one by the address's class, as libvirt does. */
function lengthOf(address: string, netmask: string | null): string {
  const mask = netmask === null ? undefined : parseIp(netmask);
  if (mask !== undefined) return String(mask.number.toString(2).replace(/0*$/, '').length);
  if (address.includes(':')) return '64';
  const first = Number(address.split('.')[0]);
  return first < 128 ? '8' : first < 192 ? '16' : '24';
}

const placeOf = (element: Element) => `line ${element.lineNumber}`;

function parse(text: string): Element {
  const faults: string[] = [];
  try {
    const parser = new DOMParser({ onError: (_level, message) => void faults.push(message) });
    const root = parser.parseFromString(text, 'text/xml').documentElement;
    if (root?.tagName === 'network' && faults.length === 0) return root;
    throw new LibvirtError(begun(faults[0]) ?? `the outermost element is <${root?.tagName}>, not <network>`);
  } catch (error) {
    throw error instanceof LibvirtError
      ? error
      : new LibvirtError(begun(faults[0] ?? String((error as Error).message))!);
  }
}

/** The parser's words quote all that it stumbled over. */
function begun(fault: string | undefined): string | undefined {
  return fault !== undefined && fault.length > LONGEST ? `${fault.slice(0, LONGEST)}…` : fault;
}

function childrenOf(element: Element, tagName: string): Element[] {
  return elementsOf(element).filter((child) => child.tagName === tagName);
}

function elementsOf(element: Element): Element[] {
  return Array.from(element.childNodes).filter((node): node is Element => node.nodeType === ELEMENT);
}

/** Those that stand in an unknown one are told with it. */
function unknownIn(element: Element): Element[] {
  return elementsOf(element).flatMap((child) => (KNOWN.includes(child.tagName) ? unknownIn(child) : [child]));
}
