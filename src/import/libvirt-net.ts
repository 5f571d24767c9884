/** A libvirt network (formatnetwork, `virsh net-dumpxml`) as a Flowloom file: what its rules of NAT and DHCP do. */

import { DOMParser, type Element } from '@xmldom/xmldom';
import { networkText, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import { addAddress, createDraft, type Draft, deviceOf, firewallOf } from './draft.ts';

export interface LibvirtOptions {
  router: string;
  /** The device that the host's traffic leaves by; libvirt takes whatever the routes say. */
  uplink: string;
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
/** As libvirt does where the range of ports is not given. */
const PORTS = '1024-65535';
/** Of what the parser says. */
const LONGEST = 100;
/** Node.ELEMENT_NODE */
const ELEMENT = 1;

export function importLibvirtNet(text: string, options: LibvirtOptions): Draft {
  const network = parse(text);
  const { router, uplink, addresses, gateway } = options;
  const draft = createDraft();
  const tell = (element: Element, why: string) =>
    void draft.unmapped.push({ place: `line ${element.lineNumber}`, text: `<${element.tagName}>`, why });
  const forward = childrenOf(network, 'forward')[0];
  const mode = forward === undefined ? 'isolated' : (forward.getAttribute('mode') ?? 'nat');
  const name = childrenOf(network, 'bridge')[0]?.getAttribute('name') ?? 'virbr0';
  const inside = deviceOf(draft, name);
  inside.isVirtual = true;
  const out = forward?.getAttribute('dev') ?? uplink;
  for (const element of unknownIn(network)) tell(element, 'it has no counterpart');
  for (const element of childrenOf(network, 'ip')) readAddress(element, network, draft, name, tell);
  const firewall = firewallOf(draft);
  firewall.zones.set('guests', [name]);
  const place = `line ${forward?.lineNumber ?? network.lineNumber}`;
  if (mode === 'nat' || mode === 'route') {
    addOutside(draft, out, options);
    firewall.zones.set('net', [out]);
    if (mode === 'nat') {
      const range = forward === undefined ? undefined : allIn(forward).find(({ tagName }) => tagName === 'port');
      const ports = range === undefined ? PORTS : `${range.getAttribute('start')}-${range.getAttribute('end')}`;
      const pool = forward === undefined ? undefined : allIn(forward).find(({ tagName }) => tagName === 'address');
      for (const subnet of inside.subnets) {
        if (subnet.includes(':')) continue;
        const to = pool === undefined ? '' : `${pool.getAttribute('start')}-${pool.getAttribute('end')}`;
        const text =
          pool === undefined
            ? `masquerade ${subnet} out ${router}/${out}`
            : `snat ${subnet} to ${to} out ${router}/${out}`;
        draft.nat.push({ text: ports === PORTS ? text : `${text} ports ${ports}`, place });
      }
    }
    const sides = inside.subnets.map((subnet) => `guests:${subnet}`);
    firewall.rules.push(...sides.map((side) => ({ text: `accept all from ${side} to net`, place })));
    if (mode === 'route')
      firewall.rules.push(...sides.map((side) => ({ text: `accept all from net to ${side}`, place })));
  } else if (mode !== 'isolated' && mode !== 'open' && forward !== undefined) {
    tell(
      forward,
      `mode \`${mode}\` makes no network of its own: put the guests' ports on the bridge of ${forward.getAttribute('dev') ?? 'the device'}`,
    );
  }
  // The rules that libvirt adds for its dnsmasq, and its REJECT of all the rest.
  for (const service of ['dhcp', 'dns', 'ping'])
    firewall.rules.push({ text: `accept ${service} from guests to fw`, place });
  firewall.policy.push(
    { text: 'guests to guests accept', place },
    { text: 'fw to all accept', place },
    { text: 'all to all reject', place },
  );
  for (const [device, address] of addresses) addAddress(deviceOf(draft, device), address);
  if (gateway !== undefined) draft.routes.push({ text: `default via ${gateway}`, place: '--gateway' });
  return draft;
}

function addOutside(draft: Draft, out: string, { addresses }: LibvirtOptions): void {
  const device = deviceOf(draft, out);
  if (addresses.some(([name]) => name === out)) return;
  device.addresses.push('192.0.2.1/32');
  draft.unmapped.push({
    place: out,
    text: 'its address',
    why: `the XML does not say it: give --address ${out}=ADDRESS/LENGTH, or write it into the file`,
  });
}

function readAddress(
  element: Element,
  network: Element,
  draft: Draft,
  device: string,
  tell: (element: Element, why: string) => void,
): void {
  const address = element.getAttribute('address') ?? '';
  const length = element.getAttribute('prefix') ?? lengthOf(element.getAttribute('netmask'));
  const prefix = parseIpPrefix(`${address}/${length}`);
  if (prefix === undefined) {
    tell(element, `\`${address}\` with this netmask is no prefix`);
    return;
  }
  const own = deviceOf(draft, device);
  addAddress(own, `${address}/${prefix.length}`);
  own.subnets.push(networkText(prefix));
  const dhcp = childrenOf(element, 'dhcp')[0];
  if (dhcp === undefined) return;
  if (prefix.family === 6) {
    tell(dhcp, 'addresses of IPv6 are advertised, not leased');
    return;
  }
  const [range, ...further] = childrenOf(dhcp, 'range');
  for (const each of further) tell(each, 'there is one range: put both into one');
  if (range === undefined) {
    tell(dhcp, 'it has no range');
    return;
  }
  const reserve = childrenOf(dhcp, 'host').flatMap((host): [string, string][] => {
    const ip = host.getAttribute('ip');
    const mac = host.getAttribute('mac');
    if (ip !== null && mac !== null) return [[mac, ip]];
    tell(host, 'a reservation has a MAC address and an address');
    return [];
  });
  const domain = childrenOf(network, 'domain')[0]?.getAttribute('name') ?? undefined;
  own.dhcp = {
    range: `${range.getAttribute('start')}-${range.getAttribute('end')}`,
    reserve,
    domain,
    place: `line ${dhcp.lineNumber}`,
  };
}

/** `255.255.255.0` → 24; libvirt's default is 24 as well for what has no class. */
function lengthOf(netmask: string | null): string {
  const mask = netmask === null ? undefined : parseIp(netmask);
  if (mask === undefined) return '24';
  return String(mask.number.toString(2).replace(/0*$/, '').length);
}

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

function allIn(element: Element): Element[] {
  return Array.from(element.getElementsByTagName('*'));
}
