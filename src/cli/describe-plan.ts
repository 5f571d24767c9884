/** A plan as people read it: by host and by switch, there by line of the file, and a line with the sums at the end. */

import type {
  FlowChange,
  FlushedBridge,
  GroupChange,
  HostChanges,
  NetworkPlan,
  SwitchChanges,
} from '../api/network-plan.ts';
import { counted } from '../text/counted.ts';

/** Flows shown of one intent; JSON has them all. */
const SHOWN = 10;
const SIGNS = { add: '+', change: '~', remove: '-' } as const;

/** `applied`: the same of a file that has been put in force. */
export function describePlan(plan: NetworkPlan, applied = false): string {
  const sections = [
    ...plan.hosts.map(describeHost),
    ...plan.switches.map(describeSwitch),
    list(applied ? 'what differs is not known yet: ' : 'unknown: ', plan.unknown),
    list('note: ', plan.notes),
    list('', sums(plan, applied)),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function list(before: string, lines: string[]): string {
  return lines.map((line) => `${before}${line}\n`).join('');
}

function describeHost({ name, changes, refused, flushes }: HostChanges): string {
  if (changes.length + refused.length + flushes.length === 0) return '';
  return [
    `${name}: ${counted(changes.length, 'change')} over OVSDB\n`,
    list('  ', changes),
    list('  refused: ', refused),
    ...flushes.map(describeFlush),
  ].join('');
}

function describeFlush({ bridge, source, why, flows, shown, note }: FlushedBridge): string {
  const what = flows === null ? 'its flows' : flows === 1 ? 'its flow' : `its ${flows} flows`;
  const more = (flows ?? 0) - shown.length;
  return [
    `  ${bridge}: ${why}, so Open vSwitch removes ${what} (${source})`,
    ...(note === null ? [] : [`: ${note}`]),
    '\n',
    list('    ', shown),
    more > 0 ? `    … and ${more} more\n` : '',
  ].join('');
}

function describeSwitch({ name, state, flows, groups, meters, unchanged, refused, note }: SwitchChanges): string {
  if (state === 'unknown' || flows.length + groups.length + meters.length + refused.length === 0) return '';
  const counts = [...tally(flows, 'flow'), ...tally(groups, 'group'), ...tally(meters, 'meter')];
  const all = [
    ...(counts.length === 0 ? ['no flow changes'] : counts),
    ...(unchanged > 0 ? [`${unchanged} stay`] : []),
  ];
  return [
    `${name}: ${all.join(', ')}\n`,
    note === null ? '' : `  ${note}\n`,
    ...byIntent(flows).map(([why, changes]) => describeIntent(why, changes)),
    ...groups.map((each) => describeGroup('group', each)),
    ...meters.map((each) => describeGroup('meter', each)),
    list('  refused: ', refused),
  ].join('');
}

/** In the file's order; what comes from no line of it last. */
function byIntent(flows: FlowChange[]): [string, FlowChange[]][] {
  const intents = new Map<string, FlowChange[]>();
  for (const flow of flows) {
    const why = `${flow.app ?? '?'}: ${flow.intent ?? 'what it was for is not known any more'}`;
    const key = `${flow.source === null ? '' : `${flow.source} `}${why}`;
    const standing = intents.get(key);
    if (standing === undefined) intents.set(key, [flow]);
    else standing.push(flow);
  }
  return [...intents].sort(([, [a]], [, [b]]) => lineOf(a) - lineOf(b));
}

function lineOf(flow: FlowChange | undefined): number {
  const line = /:(\d+)$/.exec(flow?.source ?? '')?.[1];
  return line === undefined ? Number.POSITIVE_INFINITY : Number(line);
}

function describeIntent(why: string, flows: FlowChange[]): string {
  const lines = flows.slice(0, SHOWN).flatMap((flow) => {
    const { change, tableName, priority, match, actions, before } = flow;
    const first = `    ${SIGNS[change]} ${tableName} ${priority}: ${match === '' ? 'any' : match} → ${actions}\n`;
    return before === null ? [first] : [first, `      before: ${formerly(before)}\n`];
  });
  if (flows.length > SHOWN) lines.push(`    … and ${flows.length - SHOWN} more (--json has them all)\n`);
  return `  ${why}\n${lines.join('')}`;
}

function formerly({ actions, intent }: NonNullable<FlowChange['before']>): string {
  const told = [...(actions === null ? [] : [actions]), ...(intent === null ? [] : [`for "${intent}"`])];
  return told.length === 0 ? 'with another cookie or time-out' : told.join(' ');
}

function describeGroup(noun: 'group' | 'meter', { change, app, name, id, text }: GroupChange): string {
  const which = app === null ? `${noun} ${id}` : `${app}: ${noun} ${name}`;
  const word = noun === 'group' ? 'group_id' : 'meter';
  return `  ${which}\n    ${SIGNS[change]} ${word}=${id}${text === null ? '' : `,${text}`}\n`;
}

function tally(changes: { change: FlowChange['change'] }[], noun: string): string[] {
  const count = (wanted: FlowChange['change']) => changes.filter(({ change }) => change === wanted).length;
  const words = { add: 'added', change: 'changed', remove: 'removed' } as const;
  return (['add', 'change', 'remove'] as const)
    .filter((change) => count(change) > 0)
    .map((change) => `${counted(count(change), noun)} ${words[change]}`);
}

/** A line; none where nothing can be summed up. */
function sums({ file, hosts, switches, unknown }: NetworkPlan, applied: boolean): string[] {
  const rows = hosts.reduce((sum, { changes }) => sum + changes.length, 0);
  const flows = tally(
    switches.flatMap((each) => each.flows),
    'flow',
  );
  const groups = tally(
    switches.flatMap((each) => each.groups),
    'group',
  );
  const meters = tally(
    switches.flatMap((each) => each.meters),
    'meter',
  );
  const parts = [...(rows > 0 ? [`${counted(rows, 'change')} over OVSDB`] : []), ...flows, ...groups, ...meters];
  if (parts.length > 0) return [`${parts.join(', ')}${applied ? '' : '; nothing was done'}`];
  if (applied) return unknown.length > 0 ? [] : ['nothing differed'];
  if (unknown.length > 0) return ['nothing else would change, as far as is known'];
  if ([...hosts, ...switches].some(({ refused }) => refused.length > 0))
    return ['nothing would change; what is refused stays so'];
  const of = [counted(hosts.length, 'host'), counted(switches.length, 'switch', 'switches')].join(' and ');
  return [`nothing would change: ${of} ${file === null ? 'have what the apps want' : `are as ${file} says`}`];
}
