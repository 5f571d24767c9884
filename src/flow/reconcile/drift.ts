/** What somebody else did to what is ours, as it was found and repaired: named, counted, the last ones kept. */

import { isOursHalf, isReactiveHalf, isStateHalf } from '../cookie.ts';
import { cookieHalf, isSameContent } from '../flow-bytes.ts';
import type { Namespace } from '../namespace.ts';
import type { Scope } from './agenda.ts';
import { type Change, describe, nameOf } from './change.ts';
import type { ActualFlow } from './diff.ts';
import type { Desired, Difference } from './difference.ts';
import type { Mirror } from './mirror.ts';

export interface Drift {
  /** Milliseconds since 1970. */
  time: number;
  /** For people: whose intent, and what was found. */
  text: string;
  app: string | null;
  intent: string | null;
  /** The line of the file that it serves. */
  source: string | null;
}

export interface DriftLog {
  /** How many there were, those no longer kept too. */
  readonly count: number;
  /** Newest last. */
  readonly entries: readonly Drift[];
  /** Names what is to be repaired, unless an app has just declared it otherwise; gives the texts. */
  name(difference: Difference, scope: Scope, mirror: Mirror): string[];
}

const MOST_KEPT = 200;

export function createDriftLog(): DriftLog {
  const entries: Drift[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    entries,
    name({ before, bundle, after }, scope, mirror) {
      const { suspects } = scope;
      if (suspects.size === 0) return [];
      const found: Drift[] = [];
      for (const change of [...before, ...bundle, ...after]) {
        const key = driftKey(change);
        if (!suspects.has(key) || scope.set.has(key)) continue;
        const named = driftOf(change, mirror);
        if (named !== undefined) found.push(named);
      }
      count += found.length;
      entries.push(...found.slice(-MOST_KEPT));
      entries.splice(0, entries.length - MOST_KEPT);
      return found.map(({ text }) => text);
    },
  };
}

/** Names what somebody did, as the change that repairs it shows; undefined: nothing that counts. */
function driftOf(change: Change, mirror: Pick<Mirror, 'namespace' | 'flows' | 'groups' | 'meters'>): Drift | undefined {
  const { flow, group, meter, removed, removedGroup, removedMeter } = change;
  if (flow !== undefined) {
    const what = mirror.flows.has(flow.identity) ? 'was changed' : 'was gone';
    return drift(`${describe(flow)} ${what}`, flow.app, flow.intent.text, flow.intent.source);
  }
  if (group !== undefined) {
    const what = mirror.groups.has(group.groupId) ? 'was changed' : 'was gone';
    return drift(`${group.app}: its group "${group.key}" ${what}`, group.app);
  }
  if (meter !== undefined) {
    const what = mirror.meters.has(meter.meterId) ? 'was changed' : 'was gone';
    return drift(`${meter.app}: its meter "${meter.key}" ${what}`, meter.app);
  }
  if (removed !== undefined) {
    if (isStateHalf(mirror.namespace, cookieHalf(removed.content))) return undefined;
    return drift(`a flow with our cookie that no app declared stood in table ${removed.tableId}`);
  }
  return drift(
    `a ${removedGroup === undefined ? 'meter' : 'group'} of ours that no app declared was there: ${removedGroup ?? removedMeter}`,
  );
}

function drift(text: string, app?: string, intent?: string, source?: string): Drift {
  return { time: Date.now(), text, app: app ?? null, intent: intent ?? null, source: source ?? null };
}

/** By what a change's drift is known: flows by identity, the others by kind and id. */
function driftKey(change: Change): string {
  if (change.flow !== undefined || change.removed !== undefined) return (change.flow ?? change.removed)!.identity;
  if (change.group !== undefined) return `group ${change.group.groupId}`;
  if (change.meter !== undefined) return `meter ${change.meter.meterId}`;
  return nameOf(change)[0].slice('delete '.length);
}

/** Of a flow that another has changed: not as it should be. */
export function isDrift(identity: string, desired: Desired, mirror: Mirror): boolean {
  const standing = mirror.flows.get(identity);
  const wanted = desired.flows.get(identity);
  if (wanted !== undefined) {
    return (
      isStanding(mirror.namespace, wanted) &&
      (standing === undefined || !isSameContent(wanted.content, standing.content))
    );
  }
  return standing !== undefined && isStanding(mirror.namespace, standing);
}

/** Ours, and neither learned by the switch nor living by a timeout: only we change it. */
function isStanding(namespace: Namespace, { content }: Pick<ActualFlow, 'content'>): boolean {
  const half = cookieHalf(content);
  return isOursHalf(namespace, half) && !isStateHalf(namespace, half) && !isReactiveHalf(half);
}
