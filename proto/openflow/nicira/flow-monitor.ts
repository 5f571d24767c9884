/**
 * What goes with Nicira's flow monitor (nicira-ext.h): Open vSwitch before 3.0 takes and sends these over any version;
 * since then OpenFlow 1.4 has OFPMP_FLOW_MONITOR in their place.
 */

import { structure } from '../../wire/codec.ts';
import { u32 } from '../../wire/scalars.ts';
import { struct } from '../../wire/struct.ts';

export const flowMonitorCancel = structure('nx_flow_monitor_cancel', struct({ id: u32 }, 'flowMonitorCancel'));

/** The switch had more changes than its buffer holds; none is told until `flowMonitorResumed`. */
export const flowMonitorPaused = struct({}, 'flowMonitorPaused');
export const flowMonitorResumed = struct({}, 'flowMonitorResumed');
