/** Reads a bridge's `ports`: where each is, what device it is, how it takes part in segments. */

import { bitsOf, ipText, parseIpPrefix } from '../../proto/wire/prefix.ts';
import { portRows } from './database-sugar.ts';
import type { Findings } from './findings.ts';
import type { Port } from './model.ts';
import type { Path } from './path.ts';
import { readSelector } from './port-selector.ts';
import { readPortVlans } from './port-vlans.ts';
import type { BridgeForm, PortForm } from './schema-file.ts';
import { INTERFACE_NAME_PATTERN } from './schema-values.ts';

/** Types of tunnels that Open vSwitch cannot make without the address of the other end. */
const TUNNELS = ['vxlan', 'geneve', 'gre', 'ip6gre', 'erspan', 'ip6erspan', 'stt', 'lisp', 'gtpu', 'bareudp', 'srv6'];

export function readPorts(bridge: string, given: BridgeForm, findings: Findings): Port[] {
  const ports: Port[] = [];
  for (const [key, port] of Object.entries(given.ports ?? {})) {
    const path = ['bridges', bridge, 'ports', key];
    const slash = key.indexOf('/');
    const host = key.slice(0, Math.max(slash, 0));
    const name = key.slice(slash + 1);
    if (slash < 1) {
      const example = `${given.hosts[0] ?? 'hv1'}/${key.replaceAll('/', '') || 'eth0'}`;
      findings.problem(path, `port \`${key}\` of bridge ${bridge} names no host`, `write \`${example}\``, 'key');
      continue;
    }
    const select = readSelector(path, name, port, findings);
    if (select === undefined && !findings.broken([...path, 'select']) && !INTERFACE_NAME_PATTERN.test(name)) {
      const why = name.length > 15 ? `has ${name.length} characters; Linux takes 15` : 'is no name that Linux takes';
      findings.problem(
        path,
        `port \`${key}\`: \`${name}\` ${why}`,
        'write 1 to 15 characters without spaces, `/`, `:` and `,`',
        'key',
      );
    }
    if (!findings.declared('hosts').has(host)) findings.known(path, 'host', host, findings.declared('hosts'), 'hosts');
    else if (!given.hosts.includes(host) && !findings.broken(['bridges', bridge, 'hosts'])) {
      findings.problem(
        path,
        `port ${key}: bridge ${bridge} is not on host ${host}`,
        `add ${host} to the bridge's \`hosts\`, or name one of ${given.hosts.join(', ')}`,
        'key',
      );
    }
    if (select === undefined) checkDevice(path, key, given.forwarding, port, findings);
    ports.push({
      host,
      name,
      source: findings.source(path),
      type: port === null || port.type === 'system' ? '' : port.type,
      options: optionsOf(port),
      bond: port?.bond,
      mtu: port?.mtu,
      vlans: readPortVlans(path, port, findings),
      addresses: [port?.address ?? []].flat().map(stationAddress),
      macs: [port?.mac ?? []].flat().map((mac) => mac.toLowerCase()),
      serves: port?.serves ?? [],
      zone: 0,
      select,
      ...portRows(path, port, findings),
    });
  }
  return ports;
}

/** As people write it: an address without its length. */
function stationAddress(text: string): string {
  const { family, number, length } = parseIpPrefix(text)!;
  const address = ipText({ family, number });
  return length === bitsOf(family) ? address : `${address}/${length}`;
}

function optionsOf(port: PortForm): Record<string, string> {
  const texts = Object.entries(port?.options ?? {}).map(([key, value]) => [key, String(value)]);
  return { ...Object.fromEntries(texts), ...(port?.peer === undefined ? {} : { peer: port.peer }) };
}

function checkDevice(
  path: Path,
  key: string,
  forwarding: BridgeForm['forwarding'],
  port: PortForm,
  findings: Findings,
) {
  if (port === null || findings.broken(path)) return;
  const refuse = (part: string, message: string, fix: string) =>
    findings.problem([...path, part], `port ${key}: ${message}`, fix, 'key');
  const { type, bond, options } = port;
  if (bond !== undefined) {
    if (forwarding === 'flows') {
      refuse(
        'bond',
        'a bond works where Open vSwitch forwards by itself; to flows its interfaces are ports of their own',
        'put it on a bridge with `forwarding: normal`, joined to this one by patch ports',
      );
    }
    if (new Set(bond).size < bond.length) refuse('bond', 'an interface is listed twice in the bond', 'name it once');
    if (type !== 'system') refuse('type', `a bond of type ${type} is not possible`, 'remove `type`');
  }
  for (const each of ['bondMode', 'lacp'] as const) {
    if (port[each] !== undefined && bond === undefined) {
      refuse(each, `\`${each}\` without \`bond\``, 'add `bond: [...]`, or remove it');
    }
  }
  if (port.bondMode === 'balance-tcp' && (port.lacp ?? 'off') === 'off' && bond !== undefined) {
    refuse('bondMode', 'balance-tcp needs LACP', 'add `lacp: active`');
  }
  const peer = port.peer ?? options?.peer;
  if (type === 'patch' && peer === undefined) {
    refuse('type', 'a patch port needs its peer', 'add `peer: NAME`, the patch port at the other end');
  }
  if (type !== 'patch' && port.peer !== undefined) {
    refuse('peer', '`peer` is for patch ports', 'add `type: patch`, or remove `peer`');
  }
  if (TUNNELS.includes(type) && options?.remote_ip === undefined && options?.local_ip === undefined) {
    refuse('type', `a ${type} tunnel needs to know its other end`, 'add `options: { remote_ip: ADDRESS }`');
  }
  if (port.native !== undefined && port['native-tagged'] !== undefined) {
    refuse('native-tagged', 'it has both `native` and `native-tagged`', 'keep one of them');
  }
}

/** Patch ports come in pairs, each naming the other, on one host. */
export function checkPatches(bridges: readonly { name: string; ports: readonly Port[] }[], findings: Findings): void {
  const patches = new Map<string, Port>();
  for (const { ports } of bridges) {
    for (const port of ports) if (port.type === 'patch') patches.set(`${port.host}/${port.name}`, port);
  }
  for (const { name, ports } of bridges) {
    for (const port of ports) {
      const { peer } = port.options;
      if (port.type !== 'patch' || peer === undefined) continue;
      const other = patches.get(`${port.host}/${peer}`);
      if (other?.options.peer === port.name) continue;
      const path = ['bridges', name, 'ports', `${port.host}/${port.name}`];
      const why =
        other === undefined ? 'is no patch port of the file' : `has ${other.options.peer ?? 'nobody'} as its peer`;
      findings.warning(
        path,
        `port ${port.host}/${port.name}: its peer ${peer} ${why}; nothing passes until it is`,
        `add \`${port.host}/${peer}: { type: patch, peer: ${port.name} }\` to the other bridge`,
        'key',
      );
    }
  }
}
