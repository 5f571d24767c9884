/** Groups, meters, tables, ports, roles, bundles and the like: what is asked of a switch in order, right and wrong. */

import { BUNDLE_AND_MONITOR_CASES } from './bundle-and-monitor-cases.ts';
import type { Case } from './cases.ts';
import { FLOW_CASES } from './flow-cases.ts';
import { GROUP_AND_METER_CASES } from './group-and-meter-cases.ts';
import { TABLE_AND_ROLE_CASES } from './table-and-role-cases.ts';

export const MODIFICATION_CASES: readonly Case[] = [
  ...[...GROUP_AND_METER_CASES, ...TABLE_AND_ROLE_CASES, ...BUNDLE_AND_MONITOR_CASES, ...FLOW_CASES],
];
