/** What of a host's database the manager holds: all settings, and the reports that it tells on; never what counts. */
import { type RowOf, vswitch } from '../../../proto/ovsdb/index.ts';
import { omitColumns } from '../replica/select-columns.ts';

/** Left out are counters and states that change every few seconds, and tables that Flowloom neither writes nor tells of. */
export const managedTables = omitColumns(vswitch, {
  Open_vSwitch: ['statistics', 'datapaths'],
  Bridge: ['status', 'rstp_status'],
  Port: ['status', 'rstp_status', 'rstp_statistics', 'statistics'],
  Interface: ['statistics', 'link_resets', 'lacp_current', 'cfm_remote_mpids', 'cfm_health'],
  Mirror: ['statistics'],
  Controller: ['status', 'role', 'is_connected'],
  Manager: ['status', 'is_connected'],
  Datapath: true,
  CT_Zone: true,
  CT_Timeout_Policy: true,
});

export type ManagedTables = typeof managedTables.tables;
export type ManagedRoot = RowOf<ManagedTables['Open_vSwitch']>;
export type ManagedBridge = RowOf<ManagedTables['Bridge']>;
export type ManagedPort = RowOf<ManagedTables['Port']>;
export type ManagedInterface = RowOf<ManagedTables['Interface']>;
