/** QinQ needs two tags looked at: Open_vSwitch other_config:vlan-limit, a key that we mark as ours when we set it. */
import type { Mutation, OpenVswitchRow } from '../../proto/ovsdb/index.ts';
import { encodeMap } from '../../proto/ovsdb/map.ts';
import { encodeSet } from '../../proto/ovsdb/set.ts';
import type { HostDesired } from './desired.ts';
import type { PlanBuilder } from './plan-builder.ts';

const key = 'vlan-limit';
/** In external_ids: the value that we set, so that we take back only our own. */
const markKey = 'flowloom-vlan-limit';

export function planVlanLimit(
  builder: PlanBuilder,
  root: OpenVswitchRow | undefined,
  wanted: HostDesired['vlanLimit'],
): void {
  const actual = root?.other_config.get(key);
  const mark = root?.external_ids.get(markKey);
  const ours = mark !== undefined && mark === actual;
  if (wanted === undefined) {
    if (mark === undefined) return;
    const mutations: Mutation[] = [['external_ids', 'delete', encodeSet('string', [markKey])]];
    if (ours) mutations.push(['other_config', 'delete', encodeSet('string', [key])]);
    const text = `remove other_config:${key}, nothing needs it any more`;
    builder.change(
      { text, source: undefined, name: key },
      { op: 'mutate', table: 'Open_vSwitch', where: [], mutations },
    );
    return;
  }
  // 0 is "no limit".
  if (actual === '0' || Number(actual) >= wanted.value) return;
  if (actual !== undefined && !ours) {
    builder.refuse(
      `dot1q-tunnel needs other_config:${key}=${wanted.value}, and somebody else set it to ${actual} (${wanted.source}): ovs-vsctl set Open_vSwitch . other_config:${key}=${wanted.value}`,
    );
    return;
  }
  const value = String(wanted.value);
  const mutations: Mutation[] = [];
  if (ours) {
    mutations.push(['other_config', 'delete', encodeSet('string', [key])]);
    mutations.push(['external_ids', 'delete', encodeSet('string', [markKey])]);
  }
  mutations.push(['other_config', 'insert', encodeMap('string', 'string', new Map([[key, value]]))]);
  mutations.push(['external_ids', 'insert', encodeMap('string', 'string', new Map([[markKey, value]]))]);
  const origin = { text: `set other_config:${key}=${value}, for dot1q-tunnel`, source: wanted.source, name: key };
  builder.change(origin, { op: 'mutate', table: 'Open_vSwitch', where: [], mutations });
}
