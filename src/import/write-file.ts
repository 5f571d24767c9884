/** A draft as the text of a Flowloom file, each sentence with the place that it was made from. */

import type { Device, Draft, Sentence } from './draft.ts';

export interface Naming {
  /** The host and the bridge that the machine becomes. */
  host: string;
  bridge: string;
  router: string;
}

/** A line of the file; `of`: the sentence that it is, where it is one. */
export interface FileLine {
  text: string;
  of?: Sentence;
}

export const NAMING: Naming = { host: 'hv1', bridge: 'br0', router: 'edge' };

/** `head`: a line on what it was made from. */
export function writeFile(draft: Draft, head: string, naming?: Naming): string {
  return `${fileLines(draft, head, naming)
    .map(({ text }) => text)
    .join('\n')}\n`;
}

export function fileLines(draft: Draft, head: string, { host, bridge, router }: Naming = NAMING): FileLine[] {
  const devices = [...draft.devices.values()];
  const lines: FileLine[] = [];
  const add = (...texts: string[]) => void lines.push(...texts.map((text) => ({ text })));
  const list = (key: string, sentences: readonly Sentence[], indent: number) => {
    if (sentences.length === 0) return;
    add(`${' '.repeat(indent)}${key}:`);
    lines.push(...sentences.map(item(indent + 2)));
  };
  add(`# ${head}`, 'flowloom: 1', '', 'hosts:', `  ${host}: {} # dials in: ovs-vsctl set-manager`);
  add('', 'segments:', ...devices.map(segmentLine));
  add('', 'bridges:', `  ${bridge}:`, `    hosts: [${host}]`, '    ports:');
  add(...devices.map(portLine(host, devices.filter(({ isVirtual }) => isVirtual).length)));
  add(`      ${host}/${router}: { type: internal } # the machine's own services`);
  add('', 'routers:', `  ${router}:`, `    host: ${host}`, `    self: ${host}/${router}`, '    interfaces:');
  add(...devices.map(interfaceLine));
  list('routes', draft.routes, 4);
  if (draft.nat.length > 0) add('');
  list('nat', draft.nat, 0);
  if (draft.firewall !== undefined) {
    const { zones, policy, rules } = draft.firewall;
    add('', 'firewall:', zones.size === 0 ? '  zones: {}' : '  zones:');
    for (const [zone, names] of zones)
      add(`    ${scalar(zone)}: [${names.map((name) => `${router}/${name}`).join(', ')}]`);
    list('policy', policy, 2);
    list('rules', rules, 2);
  }
  const served = devices.filter(({ dhcp, isAdvertised }) => dhcp !== undefined || isAdvertised);
  if (served.length > 0) add('', 'dhcp:', ...served.map(dhcpLine));
  return lines;
}

function item(indent: number): (sentence: Sentence) => FileLine {
  return (of) => ({ text: `${' '.repeat(indent)}- ${sentenceText(of.text)} # ${of.place}`, of });
}

/** Plain where YAML reads that text of it: what is logged with it may have colons and hashes. */
function sentenceText(text: string): string {
  return /:(\s|$)|\s#/.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

/** A name. */
function scalar(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null)$/i.test(text) ? text : JSON.stringify(text);
}

/** The guests of a virtual device have ports of their own. */
function portLine(host: string, virtual: number): (device: Device) => string {
  return ({ name, isVirtual }) => {
    if (!isVirtual) return `      ${host}/${name}: { access: ${scalar(name)} }`;
    // docker's are veth and some digits, libvirt's vnet.
    const guests = virtual > 1 ? `${name}-*` : /^(docker|br-)/.test(name) ? 'veth*' : 'vnet*';
    return `      ${host}/${guests}: { access: ${scalar(name)} } # the guests that were on ${name}`;
  };
}

const quoted = (text: string) => (text.includes(':') ? `"${text}"` : text);
const oneOrList = (items: readonly string[]) =>
  items.length === 1 ? quoted(items[0]!) : `[${items.map(quoted).join(', ')}]`;

function segmentLine({ name, subnets }: Device): string {
  return subnets.length === 0 ? `  ${scalar(name)}: {}` : `  ${scalar(name)}: { subnet: ${oneOrList(subnets)} }`;
}

function interfaceLine({ name, addresses, options }: Device): string {
  const more = options.length === 0 ? '' : `, options: [${options.join(', ')}]`;
  return `      ${scalar(name)}: { segment: ${scalar(name)}, address: ${oneOrList(addresses)}${more} }`;
}

function dhcpLine({ name, dhcp, isAdvertised }: Device): string {
  const { ranges, reserve, domain, lease } = dhcp ?? { ranges: [], reserve: [] };
  const reserved = reserve.map(([who, address]) => `${JSON.stringify(who)}: ${address}`).join(', ');
  const settings = [
    ...(ranges.length === 0 ? [] : [`range: ${oneOrList(ranges)}`]),
    ...(domain === undefined ? [] : [`domain: ${scalar(domain)}`]),
    ...(lease === undefined ? [] : [`lease: ${lease}`]),
    ...(reserved === '' ? [] : [`reserve: { ${reserved} }`]),
    ...(isAdvertised ? ['advertise: {}'] : []),
  ];
  return `  ${scalar(name)}: { ${settings.join(', ')} }${dhcp === undefined ? '' : ` # ${dhcp.place}`}`;
}
