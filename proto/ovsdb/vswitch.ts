/** The tables and columns of Open vSwitch's own database that Flowloom uses (ovs-vswitchd.conf.db(5)). */
import { map, optional, scalar, set } from './column.ts';
import type { RowOf, TableColumns } from './row.ts';

/** Tables that a program knows of one database. */
export interface DatabaseDefinition<T extends Readonly<Record<string, TableColumns>>> {
  readonly name: string;
  readonly tables: T;
}

export const vswitch = {
  name: 'Open_vSwitch',
  tables: {
    Open_vSwitch: {
      bridges: set('uuid'),
      manager_options: set('uuid'),
      next_cfg: scalar('integer'),
      cur_cfg: scalar('integer'),
      ovs_version: optional('string'),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Bridge: {
      name: scalar('string'),
      datapath_type: scalar('string'),
      /** 16 hex digits, set by ovs-vswitchd. */
      datapath_id: optional('string'),
      fail_mode: optional('string'),
      protocols: set('string'),
      controller: set('uuid'),
      ports: set('uuid'),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Port: {
      name: scalar('string'),
      interfaces: set('uuid'),
      tag: optional('integer'),
      trunks: set('integer'),
      vlan_mode: optional('string'),
      external_ids: map('string', 'string'),
    },
    Interface: {
      name: scalar('string'),
      type: scalar('string'),
      options: map('string', 'string'),
      mac: optional('string'),
      mac_in_use: optional('string'),
      /** The OpenFlow port number; -1: it could not be had. */
      ofport: optional('integer'),
      error: optional('string'),
      mtu: optional('integer'),
      admin_state: optional('string'),
      link_state: optional('string'),
      status: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Controller: {
      target: scalar('string'),
      connection_mode: optional('string'),
      is_connected: scalar('boolean'),
      external_ids: map('string', 'string'),
    },
    Manager: {
      target: scalar('string'),
      is_connected: scalar('boolean'),
      external_ids: map('string', 'string'),
    },
  },
} as const satisfies DatabaseDefinition<Readonly<Record<string, TableColumns>>>;

export type VswitchTables = typeof vswitch.tables;
export type OpenVswitchRow = RowOf<VswitchTables['Open_vSwitch']>;
export type BridgeRow = RowOf<VswitchTables['Bridge']>;
export type PortRow = RowOf<VswitchTables['Port']>;
export type InterfaceRow = RowOf<VswitchTables['Interface']>;
export type ControllerRow = RowOf<VswitchTables['Controller']>;
export type ManagerRow = RowOf<VswitchTables['Manager']>;
