/** The flows of one router's firewall: of 10,000 rules one changes at a time, and what the others became stays. */

import {
  type Firewall,
  type FirewallPolicy,
  type FirewallRule,
  hash32,
  type Intent,
  type Service,
} from '../../src/index.ts';
import { type FilteredRouter, type Flows, restFlows, verdictFlows } from './rule-flows.ts';

/** Priorities, one for each rule and each policy. */
export interface Priorities {
  rules: number[];
  policies: number[];
}

type Item = FirewallRule | FirewallPolicy;

/** A rule or policy on one router, and the flows that it became. */
interface Verdict {
  key: string;
  item: Item;
  zone: number;
  priority: number;
  id: number;
  /** What its id follows from, besides its text. */
  drops: string;
  flows: Flows;
  /** Of all its flows: when only its line in the file is another, just that is written here. */
  intent: Intent;
}

export interface Verdicts {
  /** All flows of the routers; those of a rule that stays as it was are the same objects as before. */
  flows(firewall: Firewall, routers: readonly FilteredRouter[], priorities: Priorities): Flows;
}

/** What one router's firewall was. */
interface Known {
  /** Rules, then policies. */
  verdicts: Verdict[];
  byKey: Map<string, Verdict>;
  ids: Set<number>;
  source: Firewall['source'];
  rest: Flows;
}

/** More that changed are as dear one by one as all. */
const FEW = 16;

export function createVerdicts(): Verdicts {
  let known = new Map<string, Known>();

  return {
    flows(firewall, routers, { rules, policies }) {
      const items = [...firewall.rules, ...firewall.policy];
      const priorities = [...rules, ...policies];
      const fresh = new Map<string, Known>();
      for (const router of routers) {
        const before = known.get(router.name);
        const { verdicts, byKey, ids } =
          (before && replaceFew(before, items, priorities, router)) ?? judgeAll(before, items, priorities, router);
        const isRest = before?.source === firewall.source && before.verdicts[0]?.zone === router.zone;
        const rest = isRest ? before.rest : restFlows(firewall, router);
        fresh.set(router.name, { verdicts, byKey, ids, source: firewall.source, rest });
      }
      known = fresh;
      const flows: Flows = [];
      for (const { verdicts, rest } of fresh.values()) {
        for (const verdict of verdicts) for (const flow of verdict.flows) flows.push(flow);
        flows.push(...rest);
      }
      return flows;
    },
  };
}

type Judged = Pick<Known, 'verdicts' | 'byKey' | 'ids'>;

function judgeAll(
  before: Known | undefined,
  items: readonly Item[],
  priorities: readonly number[],
  router: FilteredRouter,
): Judged {
  const judged: Judged = { verdicts: [], byKey: new Map(), ids: new Set() };
  let drops = '';
  for (const [i, item] of items.entries()) {
    let key = item.text;
    for (let same = 2; judged.byKey.has(key); same++) key = `${item.text} (${same})`;
    const standing = before?.byKey.get(key);
    const id = ruleNumber(item, drops, standing, judged.ids);
    const verdict = judge(key, item, router, { priority: priorities[i]!, id, drops }, standing);
    judged.verdicts.push(verdict);
    judged.byKey.set(key, verdict);
    if (item.action === 'drop') drops = `\n${id}`;
  }
  return judged;
}

/**
 * The same where few have changed among many: what stands before and after them is not looked at closely. undefined: it
 * may be that others are another's now, by a drop above them or by another that says the same.
 */
function replaceFew(
  { verdicts, byKey, ids }: Known,
  items: readonly Item[],
  priorities: readonly number[],
  router: FilteredRouter,
): Judged | undefined {
  const isSameAt = (i: number, j: number) => isUnchanged(verdicts[i]!, items[j]!, priorities[j]!, router.zone);
  const most = Math.min(verdicts.length, items.length);
  let head = 0;
  while (head < most && isSameAt(head, head)) head++;
  let tail = 0;
  while (tail < most - head && isSameAt(verdicts.length - 1 - tail, items.length - 1 - tail)) tail++;
  const gone = verdicts.slice(head, verdicts.length - tail);
  const come = items.slice(head, items.length - tail);
  if (gone.length + come.length > FEW) return undefined;
  const isOneOfMany = ({ text }: Item) => byKey.has(`${text} (2)`);
  if (gone.some(({ key, item }) => item.action === 'drop' || key !== item.text || isOneOfMany(item))) return undefined;
  if (come.some(({ action, text }) => action === 'drop' || (byKey.has(text) && !gone.includes(byKey.get(text)!)))) {
    return undefined;
  }
  if (new Set(come.map(({ text }) => text)).size < come.length) return undefined;
  const above = verdicts[head - 1];
  const drops = above === undefined ? '' : above.item.action === 'drop' ? `\n${above.id}` : above.drops;
  const others = new Set(ids);
  for (const { id } of gone) others.delete(id);
  const fresh: Verdict[] = [];
  for (const [i, item] of come.entries()) {
    const standing = gone.find(({ key }) => key === item.text);
    const id = standing?.drops === drops && standing.item.action === item.action ? standing.id : numberOf(item, drops);
    // Who comes first gets the number.
    if (id === 0 || others.has(id)) return undefined;
    others.add(id);
    fresh.push(judge(item.text, item, router, { priority: priorities[head + i]!, id, drops }, standing));
  }
  for (const { key } of gone) byKey.delete(key);
  for (const verdict of fresh) byKey.set(verdict.key, verdict);
  const next = verdicts.toSpliced(head, gone.length, ...fresh);
  for (const [i, item] of items.entries()) moveTo(next[i]!, item);
  return { verdicts: next, byKey, ids: others };
}

function judge(
  key: string,
  item: Item,
  router: FilteredRouter,
  place: Pick<Verdict, 'priority' | 'id' | 'drops'>,
  standing: Verdict | undefined,
): Verdict {
  const { zone } = router;
  if (standing?.id === place.id && isUnchanged(standing, item, place.priority, zone)) {
    moveTo(standing, item);
    return { ...standing, ...place };
  }
  const intent = { text: item.text, source: item.source };
  return {
    key,
    item,
    zone,
    ...place,
    flows: verdictFlows(key, item, router, place.priority, place.id, intent),
    intent,
  };
}

/** In all but its line. */
function isUnchanged(standing: Verdict, item: Item, priority: number, zone: number): boolean {
  return standing.item.text === item.text && isSame(standing, item, priority, zone);
}

/** The same flows, at another line. */
function moveTo(verdict: Verdict, item: Item): void {
  verdict.item = item;
  verdict.intent.source = item.source;
}

function isSame(standing: Verdict, item: Item, priority: number, zone: number): boolean {
  const old = standing.item;
  if (standing.zone !== zone || standing.priority !== priority) return false;
  if (old.action !== item.action) return false;
  if (old.from?.number !== item.from?.number || old.to?.number !== item.to?.number) return false;
  if (!('service' in old) || !('service' in item)) return 'service' in old === 'service' in item;
  // Its addresses stand in its text; what its service means may stand elsewhere.
  return sameServices(old.service, item.service);
}

function sameServices(a: readonly Service[] = [], b: readonly Service[] = []): boolean {
  if (a.length !== b.length) return false;
  return a.every((service, i) => {
    const { protocol, port, icmpType } = b[i]!;
    return service.protocol === protocol && service.port === port && service.icmpType === icmpType;
  });
}

/**
 * A number of 32 bits that follows from a rule's content, and from the drops above it: a drop above an accept gives that
 * accept a new number, so that its connections are judged again. Two that are alike get different ones, in their order.
 * `standing`: what the same text became before.
 */
function ruleNumber(item: Item, drops: string, standing: Verdict | undefined, taken: Set<number>): number {
  const isKnown = standing?.drops === drops && standing.item.action === item.action && !taken.has(standing.id);
  let id = isKnown ? standing.id : numberOf(item, drops);
  while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
  taken.add(id);
  return id;
}

function numberOf({ text }: Item, drops: string): number {
  return hash32(`${text}${drops}`);
}
