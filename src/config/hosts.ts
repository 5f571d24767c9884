/** Reads `hosts`: machines that run Open vSwitch. */

import type { Findings } from './findings.ts';
import type { Host } from './model.ts';
import type { Path } from './path.ts';
import { addressNumber, isUnicast } from './prefix.ts';
import type { FileForm } from './schema-rules.ts';

export function readHosts(form: FileForm, findings: Findings): Host[] {
  const hosts = Object.entries(form.hosts ?? {}).map(([name, given]): Host => {
    const path = ['hosts', name];
    if (given?.underlay !== undefined && !isUnicast(addressNumber(given.underlay)!)) {
      findings.problem(
        [...path, 'underlay'],
        `host ${name}: ${given.underlay} is no address that a machine can have`,
        'write the address of its tunnel endpoint',
      );
    }
    return {
      name,
      source: findings.source(path),
      ovsdb: given?.ovsdb === undefined ? undefined : withPort(given.ovsdb, 6640),
      systemId: given?.systemId ?? name,
      underlay: given?.underlay,
      controller: given?.controller === undefined ? undefined : withPort(given.controller, 6653),
    };
  });
  unique(hosts, 'ovsdb', 'OVSDB', findings);
  unique(hosts, 'systemId', 'system id', findings);
  unique(hosts, 'underlay', 'underlay address', findings);
  return hosts;
}

function unique(
  hosts: readonly Host[],
  key: 'ovsdb' | 'systemId' | 'underlay',
  what: string,
  findings: Findings,
): void {
  const first = new Map<string, string>();
  for (const host of hosts) {
    const value = host[key];
    if (value === undefined) continue;
    const other = first.get(value);
    if (other === undefined) first.set(value, host.name);
    else {
      const path: Path = ['hosts', host.name, key];
      findings.problem(path, `host ${host.name}: the ${what} ${value} is host ${other}'s`, 'give each host its own');
    }
  }
}

function withPort(target: string, port: number): string {
  return !target.startsWith('tcp:') || /^tcp:([^:[]+|\[.*\]):\d+$/.test(target) ? target : `${target}:${port}`;
}
