/** Reads `bridges`: which hosts have them, their settings, their ports. */

import { bridgeColumns } from './database-sugar.ts';
import { checkDatapathIds } from './datapath-ids.ts';
import type { Findings } from './findings.ts';
import { readMirrors } from './mirrors.ts';
import type { Bridge, Remote } from './model.ts';
import type { Path } from './path.ts';
import { checkSelectors } from './port-selector.ts';
import { checkPort } from './port-vlans.ts';
import { checkPatches, readPorts } from './ports.ts';
import { readRemotes } from './remotes.ts';
import type { BridgeForm, FileForm } from './schema-file.ts';
import { checkUserspacePorts } from './userspace-ports.ts';

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
    const ports = readPorts(name, given, findings);
    return {
      name,
      source: findings.source(path),
      hosts: [...new Set(given.hosts)],
      datapath: given.datapath,
      forwarding: given.forwarding,
      adopt: given.adopt,
      failMode: given.failMode ?? (given.forwarding === 'flows' ? 'secure' : 'standalone'),
      protocols: readProtocols(path, given, findings),
      macAging: given.macAging,
      otherConfig: readOtherConfig(path, given, findings),
      columns: bridgeColumns(path, given, findings),
      controllers: readControllers(path, given, findings),
      mirrors: readMirrors(name, given, ports, form, findings),
      ports,
    };
  });
  checkInterfaceNames(bridges, findings);
  checkDatapathIds(bridges, findings);
  checkSelectors(bridges, findings);
  checkPatches(bridges, findings);
  checkUserspacePorts(bridges, findings);
  for (const bridge of bridges) for (const port of bridge.ports) checkPort(bridge, port, form, findings);
  return bridges;
}

function readProtocols(path: Path, given: BridgeForm, findings: Findings): string[] | undefined {
  if (given.protocols !== undefined && given.forwarding === 'flows' && !given.protocols.includes('OpenFlow14')) {
    findings.problem(
      [...path, 'protocols'],
      `bridge ${String(path[1])}: Flowloom speaks OpenFlow 1.4, which its \`protocols\` leave out`,
      'add OpenFlow14',
      'key',
    );
  }
  return given.protocols;
}

/** Keys of other_config that have a friendlier name in the file. */
const NAMED = { 'mac-aging-time': 'macAging', 'datapath-id': 'datapathId' } as const;

function readOtherConfig(path: Path, given: BridgeForm, findings: Findings): Record<string, string> {
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(given.otherConfig ?? {})) {
    const named = Object.hasOwn(NAMED, key) ? NAMED[key as keyof typeof NAMED] : undefined;
    if (named !== undefined && given[named] !== undefined) {
      findings.problem([...path, 'otherConfig', key], `\`${named}\` sets it already`, 'keep one of them', 'key');
    }
    config[key] = String(value);
  }
  if (given.datapathId !== undefined) config['datapath-id'] = given.datapathId.toLowerCase();
  return config;
}

function readControllers(path: Path, given: BridgeForm, findings: Findings): Remote[] {
  const flows = given.forwarding === 'flows';
  if (given.controllers === undefined)
    return flows ? [{ source: findings.source(path), target: 'flowloom', columns: {} }] : [];
  if (!flows) {
    findings.problem(
      [...path, 'controllers'],
      `bridge ${String(path[1])} forwards \`normal\`, and has no controller`,
      'remove `controllers`, or `forwarding: normal`',
      'key',
    );
    return [];
  }
  const remotes = readRemotes([...path, 'controllers'], given.controllers, findings);
  if (!remotes.some(({ target }) => target === 'flowloom') && !findings.broken([...path, 'controllers'])) {
    findings.problem(
      [...path, 'controllers'],
      `bridge ${String(path[1])} forwards by Flowloom's flows, and its controllers leave Flowloom out`,
      'add `flowloom` to the list',
      'key',
    );
  }
  return remotes;
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
