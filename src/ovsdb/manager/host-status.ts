/** What is told of a host: its connection, what was written, what differs, its interfaces. Pure. */
import type { HostStatus, InterfaceStatus } from '../../api/snapshot.ts';
import type { Host } from '../../config/model.ts';
import type { HostView, InterfaceView } from './host-view.ts';

export interface HostStatusParts {
  host: Host;
  view: HostView;
  state: HostStatus['state'];
  since: number;
  error: string | undefined;
  changes: readonly string[];
  waiting: string[];
  drift: HostStatus['drift'];
  warnings: string[];
}

export function hostStatus({ host, view, error, changes, ...rest }: HostStatusParts): HostStatus {
  const datapaths = new Map(view.bridges.map(({ name, datapath }) => [name, datapath]));
  return {
    name: host.name,
    source: host.source,
    ovsdb: host.ovsdb ?? '(dials in)',
    ...rest,
    error: error ?? null,
    ovsVersion: view.ovsVersion ?? null,
    dbVersion: view.dbVersion ?? null,
    dpdk: view.dpdk ?? null,
    changes: [...changes],
    interfaces: view.interfaces.map((face) => interfaceStatus(face, datapaths.get(face.bridge) ?? '')),
  };
}

function interfaceStatus(face: InterfaceView, datapath: string): InterfaceStatus {
  const { name, bridge, type, ofport, link, mtu, mac, error, bfd, owned } = face;
  return {
    name,
    bridge,
    datapath,
    type: type === '' ? 'system' : type,
    ofport: ofport === undefined || ofport < 0 ? null : ofport,
    link: link ?? null,
    mtu: mtu ?? null,
    mac: mac ?? null,
    error: error ?? null,
    bfd: bfd ?? null,
    owned,
  };
}
