/** Which flows the table shows, and in which order. */
import type { FlowStatus } from './wire.ts';

export type SortKey =
  | 'switch'
  | 'table'
  | 'priority'
  | 'match'
  | 'actions'
  | 'app'
  | 'intent'
  | 'source'
  | 'packets'
  | 'bytes'
  | 'packetRate';

export interface Selection {
  /** Words that must all occur somewhere in the flow; `-word` must not. */
  text: string;
  /** Datapath id; empty: all. */
  dpid: string;
  /** App's name, FOREIGN or empty: all. */
  app: string;
  movingOnly: boolean;
  sort: SortKey;
  descending: boolean;
}

/** No app has this name: names of apps hold no spaces. */
export const FOREIGN = 'not Flowloom';

export const everything: Selection = {
  text: '',
  dpid: '',
  app: '',
  movingOnly: false,
  sort: 'switch',
  descending: false,
};

const NUMERIC: SortKey[] = ['table', 'priority', 'packets', 'bytes', 'packetRate'];

/** A column of counters is first wanted with the largest on top. */
export function sortedBy(selection: Selection, key: SortKey): Selection {
  const descending =
    selection.sort === key ? !selection.descending : NUMERIC.includes(key) && key !== 'table' && key !== 'priority';
  return { ...selection, sort: key, descending };
}

export function selectFlows(flows: Iterable<FlowStatus>, selection: Selection): FlowStatus[] {
  const words = selection.text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = words.filter((word) => !word.startsWith('-'));
  const unwanted = words.filter((word) => word.startsWith('-') && word.length > 1).map((word) => word.slice(1));
  const chosen: FlowStatus[] = [];
  for (const flow of flows) {
    if (selection.dpid !== '' && flow.dpid !== selection.dpid) continue;
    if (selection.app !== '' && (flow.app ?? FOREIGN) !== selection.app) continue;
    if (selection.movingOnly && flow.packetRate === 0) continue;
    if (words.length > 0) {
      const text = searchText(flow);
      if (!wanted.every((word) => text.includes(word)) || unwanted.some((word) => text.includes(word))) continue;
    }
    chosen.push(flow);
  }
  return chosen.sort(comparison(selection));
}

/** Flows are replaced when they change, never altered, so the text can be kept with the object. */
const searchTexts = new WeakMap<FlowStatus, string>();

function searchText(flow: FlowStatus): string {
  const known = searchTexts.get(flow);
  if (known !== undefined) return known;
  const { switch: name, dpid, table, tableName, priority, match, actions, cookie, app, intent, source } = flow;
  const owner = app === null ? 'foreign' : `${app} ${intent ?? ''} ${source ?? ''}`;
  const text = `${name} ${dpid} ${table} ${tableName} priority=${priority} ${match} ${actions} ${cookie} ${owner}`;
  const lower = text.toLowerCase();
  searchTexts.set(flow, lower);
  return lower;
}

function comparison({ sort, descending }: Selection): (one: FlowStatus, other: FlowStatus) => number {
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const [left, right] = [one[sort], other[sort]];
    // Flows without the value stand last, whichever way it is sorted.
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || pipelineOrder(one, other);
    return sign * compareValues(left, right) || pipelineOrder(one, other);
  };
}

/** As packets meet them: switch, table, then the higher priority first. */
function pipelineOrder(one: FlowStatus, other: FlowStatus): number {
  return (
    compareValues(one.switch, other.switch) ||
    one.table - other.table ||
    other.priority - one.priority ||
    compareValues(one.match, other.match)
  );
}

const collator = new Intl.Collator('en', { numeric: true });

/** Numbers inside text count as numbers: line 9 of a file stands before line 10. */
function compareValues(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : collator.compare(`${one}`, `${other}`);
}
