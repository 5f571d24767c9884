/** Reads `bridges`: which hosts have them, and their ports. */

import type { Findings } from './findings.ts';
import type { Bridge, Port } from './model.ts';
import { checkSelectors, readSelector } from './port-selector.ts';
import { checkPort, readPortVlans } from './port-vlans.ts';
import type { FileForm } from './schema-rules.ts';
import { INTERFACE_NAME_PATTERN } from './schema-values.ts';

type BridgeForm = NonNullable<FileForm['bridges']>[string];

export function readBridges(form: FileForm, findings: Findings): Bridge[] {
  const bridges = Object.entries(form.bridges ?? {}).map(([name, given]): Bridge => {
    const path = ['bridges', name];
    given.hosts.forEach((host, i) => {
      if (given.hosts.indexOf(host) < i) {
        findings.problem([...path, 'hosts', i], `bridge ${name}: host ${host} is listed twice`, 'name it once');
      } else findings.known([...path, 'hosts', i], 'host', host, findings.declared('hosts'), 'hosts');
    });
    if (given.hosts.length === 0) {
      findings.problem([...path, 'hosts'], `bridge ${name}: the file has no hosts`, 'list them under `hosts`');
    }
    return {
      name,
      source: findings.source(path),
      hosts: [...new Set(given.hosts)],
      datapath: given.datapath,
      forwarding: given.forwarding,
      otherConfig: Object.fromEntries(
        Object.entries(given.otherConfig ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      ports: readPorts(name, given, findings),
    };
  });
  checkInterfaceNames(bridges, findings);
  checkSelectors(bridges, findings);
  for (const bridge of bridges) for (const port of bridge.ports) checkPort(bridge, port, form, findings);
  return bridges;
}

function readPorts(bridge: string, given: BridgeForm, findings: Findings): Port[] {
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
    ports.push({
      host,
      name,
      source: findings.source(path),
      type: port?.type === 'internal' ? 'internal' : '',
      vlans: readPortVlans(path, port, findings),
      address: port?.address,
      mac: port?.mac?.toLowerCase(),
      select,
    });
  }
  return ports;
}

/** An interface's name is unique on its host; a bridge has one of its own name, which may stand among its ports. */
function checkInterfaceNames(bridges: readonly Bridge[], findings: Findings): void {
  const owner = new Map<string, string>();
  for (const bridge of bridges) {
    for (const host of bridge.hosts) owner.set(`${host}/${bridge.name}`, `the own interface of bridge ${bridge.name}`);
  }
  for (const bridge of bridges) {
    for (const port of bridge.ports) {
      if (port.select !== undefined) continue;
      const key = `${port.host}/${port.name}`;
      const other = port.name === bridge.name ? undefined : owner.get(key);
      if (other === undefined) owner.set(key, `a port of bridge ${bridge.name}`);
      else {
        findings.problem(
          ['bridges', bridge.name, 'ports', key],
          `port ${key} of bridge ${bridge.name} is already ${other}`,
          'an interface is in one place only: remove or rename one',
          'key',
        );
      }
    }
  }
}
