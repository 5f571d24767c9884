/** Hosts that run Open vSwitch, and their interfaces, as the API tells them. */

import { flag, integer, type JsonSchemas, list, object, oneOf, orNull, ref, text, time } from './schema.ts';

export interface HostStatus {
  name: string;
  source: string;
  /** Target that is dialled, or `(dials in)`. */
  ovsdb: string;
  state: 'connected' | 'connecting' | 'waiting';
  /** When this state began. */
  since: number;
  /** The last error of the connection or of a transaction, in a person's words; null: none. */
  error: string | null;
  ovsVersion: string | null;
  /** Version of its database's schema. */
  dbVersion: string | null;
  /** DPDK's version where it runs. */
  dpdk: string | null;
  /** Changes written since the start, one line each, newest last, at most 100. */
  changes: string[];
  /**
   * Ports of the file whose device does not exist yet, `br0/web1: …why (flowloom.yaml:12)`; and selectors of one certain
   * port that is not there.
   */
  waiting: string[];
  warnings: string[];
  /** What others changed of Flowloom's rows. `recent`: what puts it right, newest last, at most 100; `left`: not put right. */
  drift: { mode: 'repair' | 'report'; seen: number; recent: string[]; left: string[] };
  /** Of all bridges, others' too. */
  interfaces: InterfaceStatus[];
}

export interface InterfaceStatus {
  name: string;
  bridge: string;
  /** `system` or `netdev`: of its bridge. */
  datapath: string;
  /** Interface.type, `system` where Open vSwitch writes none. */
  type: string;
  /** OpenFlow port; null: not had (yet). */
  ofport: number | null;
  /** `up`, `down`; null: not known. */
  link: string | null;
  mtu: number | null;
  mac: string | null;
  /** What Open vSwitch says is wrong with it. */
  error: string | null;
  /** State of its BFD session; null: none. */
  bfd: string | null;
  /** Whether it is Flowloom's. */
  owned: boolean;
}

export const hostSchemas: JsonSchemas = {
  HostStatus: object<HostStatus>({
    name: text,
    source: text,
    ovsdb: text,
    state: oneOf('connected', 'connecting', 'waiting'),
    since: time,
    error: orNull(text),
    ovsVersion: orNull(text),
    changes: list(text),
    waiting: list(text),
    dbVersion: orNull(text),
    dpdk: orNull(text),
    warnings: list(text),
    drift: object({ mode: oneOf('repair', 'report'), seen: integer, recent: list(text), left: list(text) }),
    interfaces: list(ref('InterfaceStatus')),
  }),
  InterfaceStatus: object<InterfaceStatus>({
    name: text,
    bridge: text,
    datapath: text,
    type: text,
    ofport: orNull(integer),
    link: orNull(text),
    mtu: orNull(integer),
    mac: orNull(text),
    error: orNull(text),
    bfd: orNull(text),
    owned: flag,
  }),
};
