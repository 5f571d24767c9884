/** A draft as the text of a Flowloom file, each sentence with the place that it was made from. */

import type { Device, Draft, Sentence } from './draft.ts';

export interface Naming {
  /** The host and the bridge that the machine becomes. */
  host: string;
  bridge: string;
  router: string;
}

export const NAMING: Naming = { host: 'hv1', bridge: 'br0', router: 'edge' };

/** `head`: a line on what it was made from. */
export function writeFile(draft: Draft, head: string, { host, bridge, router }: Naming = NAMING): string {
  const devices = [...draft.devices.values()];
  const lines: string[] = [`# ${head}`, 'flowloom: 1', '', 'hosts:', `  ${host}: {} # dials in: ovs-vsctl set-manager`];
  lines.push('', 'segments:', ...devices.map(segmentLine));
  lines.push('', 'bridges:', `  ${bridge}:`, `    hosts: [${host}]`, '    ports:');
  lines.push(...devices.map(portLine(host, devices.filter(({ isVirtual }) => isVirtual).length)));
  lines.push(`      ${host}/${router}: { type: internal } # the machine's own services`);
  lines.push('', 'routers:', `  ${router}:`, `    host: ${host}`, `    self: ${host}/${router}`, '    interfaces:');
  lines.push(...devices.map(interfaceLine));
  if (draft.routes.length > 0) lines.push('    routes:', ...draft.routes.map(item(6)));
  if (draft.nat.length > 0) lines.push('', 'nat:', ...draft.nat.map(item(2)));
  if (draft.firewall !== undefined) {
    const { zones, policy, rules } = draft.firewall;
    lines.push('', 'firewall:', '  zones:');
    for (const [zone, names] of zones)
      lines.push(`    ${zone}: [${names.map((name) => `${router}/${name}`).join(', ')}]`);
    if (policy.length > 0) lines.push('  policy:', ...policy.map(item(4)));
    if (rules.length > 0) lines.push('  rules:', ...rules.map(item(4)));
  }
  const served = devices.filter(({ dhcp }) => dhcp !== undefined);
  if (served.length > 0) lines.push('', 'dhcp:', ...served.map(dhcpLine));
  return `${lines.join('\n')}\n`;
}

function item(indent: number): (sentence: Sentence) => string {
  return ({ text, place }) => `${' '.repeat(indent)}- ${text} # ${place}`;
}

/** The guests of a virtual device have ports of their own. */
function portLine(host: string, virtual: number): (device: Device) => string {
  return ({ name, isVirtual }) => {
    if (!isVirtual) return `      ${host}/${name}: { access: ${name} }`;
    // docker's are veth and some digits, libvirt's vnet.
    const guests = virtual > 1 ? `${name}-*` : /^(docker|br-)/.test(name) ? 'veth*' : 'vnet*';
    return `      ${host}/${guests}: { access: ${name} } # the guests that were on ${name}`;
  };
}

const quoted = (text: string) => (text.includes(':') ? `"${text}"` : text);
const list = (items: readonly string[]) =>
  items.length === 1 ? quoted(items[0]!) : `[${items.map(quoted).join(', ')}]`;

function segmentLine({ name, subnets }: Device): string {
  return subnets.length === 0 ? `  ${name}: {}` : `  ${name}: { subnet: ${list(subnets)} }`;
}

function interfaceLine({ name, addresses, options }: Device): string {
  const more = options.length === 0 ? '' : `, options: [${options.join(', ')}]`;
  return `      ${name}: { segment: ${name}, address: ${list(addresses)}${more} }`;
}

function dhcpLine({ name, dhcp }: Device): string {
  const { range, reserve, domain, place } = dhcp!;
  const reserved = reserve.map(([who, address]) => `"${who}": ${address}`).join(', ');
  const more = [domain === undefined ? '' : `, domain: ${domain}`, reserved === '' ? '' : `, reserve: { ${reserved} }`];
  return `  ${name}: { range: ${range}${more.join('')} } # ${place}`;
}
