/** The part of a plan that concerns the one row of Open_vSwitch, which is nobody's: only our own elements of its columns. */

import {
  type AnyColumnInput,
  encodeRow,
  type Mutation,
  type UuidReference,
  uuidIs,
  vswitch,
} from '../../../proto/ovsdb/index.ts';
import { encodeMap } from '../../../proto/ovsdb/map.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { HostDesired } from './desired.ts';
import type { ManagedRoot } from './managed-tables.ts';
import type { PlanContext } from './plan-context.ts';
import { changeChildren, insertRow } from './plan-row.ts';

const { tables } = vswitch;
/** Before a key of other_config, in external_ids: the value that we set, so that we take back only our own. */
const mark = 'flowloom:';

export function planRoot(
  context: PlanContext,
  desired: HostDesired,
  root: ManagedRoot | undefined,
  added: readonly UuidReference[],
  removed: readonly string[],
): void {
  const { builder } = context;
  if (root === undefined) {
    // A database that nobody has used yet lacks its one row; ovs-vsctl makes it, too.
    const columns: Record<string, AnyColumnInput> = {};
    if (added.length > 0) columns.bridges = added;
    if (desired.managers.length > 0)
      columns.manager_options = desired.managers.map((row) => insertRow(context, row, true));
    if (desired.ssl !== undefined) columns.ssl = insertRow(context, desired.ssl, true);
    if (Object.keys(columns).length === 0 && desired.otherConfig.length === 0) return;
    builder.operation({ op: 'insert', table: 'Open_vSwitch', row: encodeRow(tables.Open_vSwitch, columns) });
    return;
  }
  const mutations: Mutation[] = [];
  if (removed.length > 0) mutations.push(['bridges', 'delete', encodeSet('uuid', [...removed])]);
  if (added.length > 0) mutations.push(['bridges', 'insert', encodeSet('uuid', [...added])]);
  if (mutations.length > 0) {
    builder.operation({ op: 'mutate', table: 'Open_vSwitch', where: uuidIs(root._uuid), mutations });
  }
  const parent = { table: 'Open_vSwitch' as const, label: 'Open_vSwitch', row: root };
  changeChildren(context, parent, 'manager_options', tables.Open_vSwitch.manager_options, desired.managers);
  changeChildren(context, parent, 'ssl', tables.Open_vSwitch.ssl, desired.ssl === undefined ? [] : [desired.ssl]);
}

/** Keys of other_config, each marked in external_ids when we set it. */
export function planOtherConfig(
  { builder, owner }: PlanContext,
  desired: HostDesired,
  root: ManagedRoot | undefined,
): void {
  const wanted = new Map(desired.otherConfig.map((each) => [each.key, each]));
  const prefix = `${mark}${owner}:`;
  const marked = [...(root?.external_ids.keys() ?? [])].filter((key) => key.startsWith(prefix));
  for (const name of marked) {
    const key = name.slice(prefix.length);
    if (wanted.has(key)) continue;
    const mutations: Mutation[] = [['external_ids', 'delete', encodeSet('string', [name])]];
    // Somebody else's value since then is no longer ours.
    if (root?.external_ids.get(name) === root?.other_config.get(key)) {
      mutations.push(['other_config', 'delete', encodeSet('string', [key])]);
    }
    const text = `remove other_config:${key}, nothing needs it any more`;
    builder.change(
      { text, source: undefined, name: key },
      { op: 'mutate', table: 'Open_vSwitch', where: [], mutations },
    );
  }
  for (const { key, value, atLeast, source, reason } of wanted.values()) {
    const actual = root?.other_config.get(key);
    // 0 is "no limit".
    if (actual === value || (atLeast && (actual === '0' || Number(actual) >= Number(value)))) continue;
    const name = `${prefix}${key}`;
    const ours = actual !== undefined && root?.external_ids.get(name) === actual;
    if (actual !== undefined && !ours) {
      builder.refuse(
        `${reason === '' ? 'the file wants' : `${reason} needs`} other_config:${key}=${value}, and somebody else set it to ${actual} (${source}): ovs-vsctl set Open_vSwitch . other_config:${key}=${value}`,
      );
      continue;
    }
    const stale = root?.external_ids.has(name) === true;
    const mutations: Mutation[] = [];
    if (ours) mutations.push(['other_config', 'delete', encodeSet('string', [key])]);
    if (stale) mutations.push(['external_ids', 'delete', encodeSet('string', [name])]);
    mutations.push(['other_config', 'insert', encodeMap('string', 'string', new Map([[key, value]]))]);
    mutations.push(['external_ids', 'insert', encodeMap('string', 'string', new Map([[name, value]]))]);
    const origin = {
      text: `set other_config:${key}=${value}${reason === '' ? '' : `, for ${reason}`}`,
      source,
      name: key,
    };
    builder.change(origin, { op: 'mutate', table: 'Open_vSwitch', where: [], mutations });
  }
}
