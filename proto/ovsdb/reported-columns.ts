/** Columns of Open vSwitch's database that ovs-vswitchd writes although they are not ephemeral (ovs-vswitchd.conf.db(5)). */

const reported: Readonly<Record<string, readonly string[]>> = {
  Bridge: ['datapath_version'],
  Port: ['bond_active_slave'],
  Interface: ['ofport', 'error', 'cfm_flap_count'],
};

/** Whether a column tells what Open vSwitch found, rather than what somebody wants; ephemeral ones do so too. */
export function isReportedColumn(table: string, column: string): boolean {
  return reported[table]?.includes(column) === true;
}
