/** Reads `hosts`: machines that run Open vSwitch. */

import type { Findings } from './findings.ts';
import { ipAddress, isReachable } from './ip-address.ts';
import type { DatabaseRow, Host, Remote } from './model.ts';
import type { Path } from './path.ts';
import { readRemotes } from './remotes.ts';
import type { FileForm } from './schema-file.ts';

type HostForm = NonNullable<FileForm['hosts']>[string];

export function readHosts(form: FileForm, findings: Findings): Host[] {
  const hosts = Object.entries(form.hosts ?? {}).map(([name, given]): Host => {
    const path = ['hosts', name];
    const underlay = given?.underlay === undefined ? undefined : ipAddress(given.underlay);
    if (underlay !== undefined && !isReachable(underlay)) {
      findings.problem(
        [...path, 'underlay'],
        `host ${name}: ${underlay} is no address at which other hosts can reach it`,
        'write the address of its tunnel endpoint',
      );
    }
    return {
      name,
      source: findings.source(path),
      ovsdb: given?.ovsdb === undefined ? undefined : withPort(given.ovsdb, 6640),
      systemId: given?.systemId ?? name,
      underlay,
      underlayMtu: given?.underlayMtu,
      controller: given?.controller === undefined ? undefined : withPort(given.controller, 6653),
      drift: given?.drift ?? 'repair',
      otherConfig: Object.fromEntries(
        Object.entries(given?.otherConfig ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      managers: readManagers([...path, 'managers'], given?.managers ?? [], findings),
      ssl: given?.ssl === undefined ? undefined : sslRow(given.ssl, findings.source([...path, 'ssl'])),
    };
  });
  const secure = hosts.find(({ ovsdb }) => ovsdb?.startsWith('ssl:'));
  if (secure !== undefined && form.tls === undefined && !findings.broken(['tls'])) {
    findings.problem(
      ['hosts', secure.name, 'ovsdb'],
      `host ${secure.name}: ${secure.ovsdb} needs Flowloom's own key and certificates`,
      'add `tls: { privateKey: …, certificate: …, caCert: … }` to the file',
    );
  }
  unique(hosts, 'ovsdb', 'OVSDB', findings);
  unique(hosts, 'systemId', 'system id', findings);
  unique(hosts, 'underlay', 'underlay address', findings);
  return hosts;
}

function readManagers(path: Path, given: Parameters<typeof readRemotes>[1], findings: Findings): Remote[] {
  const remotes = readRemotes(path, given, findings);
  remotes.forEach(({ target, columns }, i) => {
    if (target === 'flowloom') {
      findings.problem(
        [...path, i],
        'a manager is named by its target',
        'write it like ptcp:6640 or tcp:10.0.0.1:6640',
      );
    }
    for (const column of ['controller_rate_limit', 'controller_burst_limit']) {
      if (Object.hasOwn(columns, column))
        findings.problem([...path, i], 'a manager has no packet-ins to limit', 'remove it');
    }
  });
  return remotes;
}

function sslRow(
  { privateKey, certificate, caCert, bootstrapCaCert }: NonNullable<NonNullable<HostForm>['ssl']>,
  source: string,
): DatabaseRow {
  return {
    table: 'SSL',
    source,
    columns: {
      private_key: privateKey,
      certificate,
      ca_cert: caCert,
      ...(bootstrapCaCert ? { bootstrap_ca_cert: true } : {}),
    },
  };
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
  return !/^(tcp|ssl):/.test(target) || /^(tcp|ssl):([^:[]+|\[.*\]):\d+$/.test(target) ? target : `${target}:${port}`;
}
