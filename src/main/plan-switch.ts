/** What would change in one switch: what the apps would declare against what stands there. Pure. */

import type { FlowChange, GroupChange, SwitchChanges } from '../api/network-plan.ts';
import type { AppHost } from '../app/host.ts';
import type { Rehearsal } from '../app/rehearse.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import { appOf, isReactive, WEAVER } from '../flow/cookie.ts';
import { describe } from '../flow/reconcile/change.ts';
import { type ActualFlow, diffFlows, diffGroups, pairsOf } from '../flow/reconcile/diff.ts';
import type { SwitchState } from '../flow/reconcile/read-switch.ts';
import { formatActions } from '../flow/text/action-list.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';
import type { DesiredFlow, DesiredGroup, DesiredMeter } from '../flow/weave/weaver.ts';
import { nameInvented } from './plan-ports.ts';

export interface PlannedSwitch {
  /** The apps that run, and those that would. */
  running: AppHost;
  planned: AppHost;
  rehearsal: Rehearsal;
  actual: SwitchState;
  /** undefined: nothing of ours runs there. */
  site: SwitchSite | undefined;
  invented: ReadonlyMap<number, string>;
}

const notMine = () => false;

export function changesOf(
  parts: PlannedSwitch,
): Pick<SwitchChanges, 'flows' | 'groups' | 'meters' | 'unchanged' | 'refused'> {
  const { rehearsal, actual, site } = parts;
  const { woven, failed } = rehearsal;
  const difference = diffFlows(parts.running.namespace, pairsOf(woven.flows, actual.flows), notMine);
  const groupDifference = diffGroups(woven.groups, actual.groups);
  const refused = [...woven.errors];
  const flows: FlowChange[] = [];
  const groups: GroupChange[] = [];

  for (const { desired, foreign } of difference.occupied) {
    const cookie = `0x${foreign.cookie.toString(16)}`;
    refused.push(
      `${describe(desired)}: a foreign flow (cookie ${cookie}) stands at the same table, priority and match`,
    );
  }
  for (const flow of difference.add) {
    const reason = site?.reconciler.refusal({ flow });
    if (reason !== undefined) refused.push(reason);
    else if (!isPassing(parts, flow)) flows.push(added(parts, flow, actual.flows.get(flow.identity)));
  }
  for (const flow of difference.remove) {
    const running = site?.reconciler.desired(flow.identity);
    const app = running?.app ?? parts.running.byNumber(appOf(flow.cookie))?.name;
    if (app !== undefined && failed.has(app)) continue;
    if (site?.reconciler.refusal({ removed: flow }) !== undefined) continue;
    if (running === undefined || !isPassing(parts, running)) flows.push(removed(parts, flow, running));
  }
  for (const [change, wanted] of [
    ['add', groupDifference.add],
    ['change', groupDifference.modify],
  ] as const) {
    for (const group of wanted) {
      const reason = site?.reconciler.refusal({ group });
      if (reason !== undefined) refused.push(reason);
      else if (site?.isPassing(group.app, { group: group.key }) !== true)
        groups.push(groupChange(parts, change, group));
    }
  }
  // Whose one is that nobody here declared is not known: it may be of an app that failed, and stays as long as it does.
  for (const id of groupDifference.remove) {
    const running = site?.reconciler.desiredGroup(id);
    if (running === undefined && failed.size > 0) continue;
    if (running !== undefined && (failed.has(running.app) || site?.isPassing(running.app, { group: running.key })))
      continue;
    groups.push({ change: 'remove', app: running?.app ?? null, name: running?.key ?? null, id, text: null });
  }
  const meters = meterChanges(parts, refused);
  flows.sort((a, b) => a.table - b.table || b.priority - a.priority);
  return { flows, groups, meters, unchanged: difference.unchanged, refused };
}

/** Made from traffic, by this run or an earlier one: what the file says has no part in it. */
function isPassing({ site, running }: PlannedSwitch, flow: DesiredFlow): boolean {
  if (isReactive(flow.cookie)) return true;
  for (const [table, id] of running.apps.get(flow.app)?.tables ?? []) {
    if (id === flow.tableId) return site?.isPassing(flow.app, { table, key: flow.key }) === true;
  }
  return false;
}

function added(parts: PlannedSwitch, flow: DesiredFlow, standing: ActualFlow | undefined): FlowChange {
  const { planned, invented } = parts;
  const actions = formatInstructions(flow.instructions);
  let before: FlowChange['before'] = null;
  if (standing !== undefined) {
    const told = parts.site?.reconciler.desired(flow.identity)?.intent.text;
    const formerly = formatInstructions(standing.instructions);
    before = {
      actions: formerly === actions ? null : formerly,
      intent: told === undefined || told === flow.intent.text ? null : told,
    };
  }
  return {
    change: standing === undefined ? 'add' : 'change',
    app: flow.app,
    intent: flow.intent.text,
    source: flow.intent.source ?? lineOf(planned, flow.app),
    table: flow.tableId,
    tableName: planned.plan.name(flow.tableId),
    priority: flow.priority,
    match: nameInvented(formatMatch(flow.match), invented),
    actions: nameInvented(actions, invented),
    before,
  };
}

function removed({ running }: PlannedSwitch, flow: ActualFlow, known: DesiredFlow | undefined): FlowChange {
  const number = appOf(flow.cookie);
  const app = known?.app ?? (number === WEAVER ? 'weaver' : (running.byNumber(number)?.name ?? null));
  return {
    change: 'remove',
    app,
    intent: known?.intent.text ?? null,
    source: known?.intent.source ?? lineOf(running, app),
    table: flow.tableId,
    tableName: running.plan.name(flow.tableId),
    priority: flow.priority,
    match: formatMatch(flow.match),
    actions: formatInstructions(flow.instructions),
    before: null,
  };
}

/** Of a flow that names none: where the file names its app. */
function lineOf(host: AppHost, app: string | null): string | null {
  const source = app === null ? undefined : host.sourceOf(app);
  // Apps that are always there are in no line.
  return source !== undefined && /:\d+$/.test(source) ? source : null;
}

function groupChange({ invented }: PlannedSwitch, change: 'add' | 'change', group: DesiredGroup): GroupChange {
  const buckets = group.buckets.map(({ weight, actions }) => {
    const weighed = weight === 0 ? '' : `weight:${weight},`;
    return `bucket=${weighed}actions=${nameInvented(formatActions(actions), invented)}`;
  });
  return {
    change,
    app: group.app,
    name: group.key,
    id: group.groupId,
    text: [`type=${group.groupType}`, ...buckets].join(','),
  };
}

function meterChanges({ rehearsal, actual, site }: PlannedSwitch, refused: string[]): GroupChange[] {
  const { woven, failed } = rehearsal;
  const difference = diffGroups(woven.meters, actual.meters);
  const changes: GroupChange[] = [];
  for (const [change, wanted] of [
    ['add', difference.add],
    ['change', difference.modify],
  ] as const) {
    for (const meter of wanted) {
      const reason = site?.reconciler.refusal({ meter });
      if (reason !== undefined) refused.push(reason);
      else if (site?.isPassing(meter.app, { meter: meter.key }) !== true)
        changes.push({ change, app: meter.app, name: meter.key, id: meter.meterId, text: meterText(meter) });
    }
  }
  for (const id of difference.remove) {
    const running = site?.woven.meters.get(id);
    if (running === undefined && failed.size > 0) continue;
    if (running !== undefined && (failed.has(running.app) || site?.isPassing(running.app, { meter: running.key })))
      continue;
    changes.push({ change: 'remove', app: running?.app ?? null, name: running?.key ?? null, id, text: null });
  }
  return changes;
}

/** As ovs-ofctl writes it. */
function meterText({ flags, bands }: DesiredMeter): string {
  const written = bands.map((band) => {
    if (band.type !== 'drop') return '';
    return `type=drop,rate=${band.rate}${flags.includes('burst') ? `,burst_size=${band.burstSize}` : ''}`;
  });
  return `${flags.join()},bands=${written.join()}`;
}
