/** Keys of the file that are columns of Open vSwitch's database under friendlier names, as those columns. */

import { readColumns } from './database-values.ts';
import type { Findings } from './findings.ts';
import type { DatabaseColumns, DatabaseRow, DatabaseValue } from './model.ts';
import type { Path } from './path.ts';
import type { BridgeForm, PortForm } from './schema-file.ts';

type Columns = Record<string, DatabaseValue>;
/** What `textMap` read. */
type Texts = Readonly<Record<string, string | number | boolean>> | null | undefined;

/** The columns of a port's Port row, and of its interfaces' rows. */
export function portRows(
  path: Path,
  port: PortForm,
  findings: Findings,
): { columns: DatabaseColumns; interfaceColumns: DatabaseColumns } {
  const own: Columns = {};
  const device: Columns = {};
  if (port !== null) {
    if (port.bond !== undefined) own.bond_mode = port.bondMode ?? 'active-backup';
    if (port.bond !== undefined) own.lacp = port.lacp ?? 'off';
    if (port.qos !== undefined) own.qos = { rows: [qosRow(port.qos, findings.source([...path, 'qos']))] };
    if (port.ofport !== undefined) device.ofport_request = port.ofport;
    if (port.bfd === true) device.bfd = new Map([['enable', 'true']]);
    else if (typeof port.bfd === 'object') device.bfd = texts({ enable: true, ...port.bfd });
    if (port.policing !== undefined) Object.assign(device, policing(port.policing));
  }
  return {
    columns: merged('Port', own, path, 'columns', port?.columns, findings),
    interfaceColumns: merged('Interface', device, path, 'interface', port?.interface, findings),
  };
}

export function bridgeColumns(path: Path, bridge: BridgeForm, findings: Findings): DatabaseColumns {
  const own: Columns = {};
  if (bridge.stp !== undefined) own.stp_enable = bridge.stp;
  if (bridge.rstp !== undefined) own.rstp_enable = bridge.rstp;
  return merged('Bridge', own, path, 'columns', bridge.columns, findings);
}

/** What the file sets in the database's own words; a column that a key of ours sets already is refused. */
function merged(
  table: string,
  own: Columns,
  path: Path,
  key: string,
  given: Readonly<Record<string, unknown>> | null | undefined,
  findings: Findings,
): DatabaseColumns {
  const read = readColumns(table, given ?? {}, [...path, key], findings);
  for (const column of Object.keys(read)) {
    if (!Object.hasOwn(own, column)) continue;
    findings.problem(
      [...path, key, column],
      `${table}.${column} is set by a key of its own as well`,
      'keep one of them',
      'key',
    );
  }
  return { ...read, ...own };
}

function qosRow(qos: NonNullable<NonNullable<PortForm>['qos']>, source: string): DatabaseRow {
  const queues = Object.entries(qos.queues ?? {}).map(([number, queue]): [number, DatabaseRow] => {
    const { minRate, maxRate, burst, priority, dscp, otherConfig } = queue;
    const limits = given({ 'min-rate': minRate, 'max-rate': maxRate, burst, priority });
    const columns: Columns = { ...map('other_config', { ...limits, ...otherConfig }) };
    if (dscp !== undefined) columns.dscp = dscp;
    return [Number(number), { table: 'Queue', source, columns }];
  });
  const columns: Columns = {
    type: qos.type,
    ...map('other_config', { ...given({ 'max-rate': qos.maxRate }), ...qos.otherConfig }),
    ...(queues.length === 0 ? {} : { queues: { rowsByKey: new Map(queues) } }),
  };
  return { table: 'QoS', source, columns };
}

function policing({ rate, burst, packetRate, packetBurst }: NonNullable<NonNullable<PortForm>['policing']>): Columns {
  return given({
    ingress_policing_rate: rate,
    ingress_policing_burst: burst,
    ingress_policing_kpkts_rate: packetRate,
    ingress_policing_kpkts_burst: packetBurst,
  });
}

/** A row of the table Controller or Manager. */
export function remoteColumns(remote: {
  connectionMode?: string | undefined;
  maxBackoff?: number | undefined;
  inactivityProbe?: number | undefined;
  rateLimit?: number | undefined;
  burstLimit?: number | undefined;
  otherConfig?: Texts;
}): DatabaseColumns {
  return {
    ...given({
      connection_mode: remote.connectionMode,
      max_backoff: remote.maxBackoff,
      inactivity_probe: remote.inactivityProbe,
      controller_rate_limit: remote.rateLimit,
      controller_burst_limit: remote.burstLimit,
    }),
    ...map('other_config', remote.otherConfig),
  };
}

/** Without what is not set. */
function given<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<string, T>;
}

function map(column: string, values: Texts): Columns {
  return values === null || values === undefined || Object.keys(values).length === 0 ? {} : { [column]: texts(values) };
}

function texts(values: NonNullable<Texts>): ReadonlyMap<string, string> {
  return new Map(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
