/**
 * One reading of a switch, part by part, beside what is thought to stand there. What is read while something changes is
 * older than the change: the change stays.
 */

import { isSameContent } from '../flow-bytes.ts';
import type { FlowView } from '../flow-index.ts';
import { type ActualFlow, actualFlow } from './diff.ts';
import { differing, takeOthers } from './others.ts';
import type { GroupsAndMeters, TakeFlow } from './read-switch.ts';

/** What a reading found other than it was thought to be. */
export interface Differences {
  /** By identity: what was thought to stand there, and what does. */
  flows: Map<string, { thought: ActualFlow | undefined; found: ActualFlow | undefined }>;
  /** Ids. */
  groups: Set<number>;
  meters: Set<number>;
}

export interface Reading {
  take: TakeFlow;
  /** All flows came. What differs, unless it has changed meanwhile; so far nothing was taken out. */
  differences(others: GroupsAndMeters): Differences;
  /** Takes out what was not found, and ends the reading. */
  end(others: GroupsAndMeters): void;
}

/** What is thought to stand in the switch. */
interface Thought {
  readonly flows: FlowView<ActualFlow>;
  readonly groups: Map<number, string>;
  readonly meters: Map<number, string>;
  put(flow: ActualFlow): void;
  remove(identity: string): void;
  /** Somebody else has set it. */
  notMine(identity: string): void;
}

/** `changed` since it began, by the names of changes. `number`: one that no other reading has. */
export function createReading(
  { flows, groups, meters, put, remove, notMine }: Thought,
  changed: { flows: ReadonlySet<string>; others: ReadonlySet<string> },
  number: number,
  ended: () => void,
): Reading {
  const isFirst = flows.size === 0;
  const different = new Map<string, ActualFlow | undefined>();

  function take(identity: string, content: string, duration: number): void {
    // On the first reading only what the switch told meanwhile is there.
    const standing = isFirst && changed.flows.size === 0 ? undefined : flows.get(identity);
    if (standing !== undefined) {
      standing.reading = number;
      // Of what has changed meanwhile only the counters are news.
      if (isSameContent(standing.content, content)) {
        standing.duration = duration;
        return;
      }
    }
    if (changed.flows.has(identity)) return;
    const flow = actualFlow(identity, content, duration);
    flow.reading = number;
    if (isFirst) put(flow);
    else different.set(identity, flow);
  }

  return {
    take,
    differences(others) {
      // What came to be meanwhile is among the changed; and on the first reading nothing else was there before.
      for (const flow of isFirst ? [] : flows.values())
        if (flow.reading !== number) different.set(flow.identity, undefined);
      for (const identity of changed.flows) different.delete(identity);
      return {
        flows: new Map(
          Array.from(different, ([identity, found]) => [identity, { thought: flows.get(identity), found }]),
        ),
        groups: differing('group', groups, others.groups, changed.others),
        meters: differing('meter', meters, others.meters, changed.others),
      };
    },
    end(others) {
      for (const [identity, flow] of different) {
        if (changed.flows.has(identity)) continue;
        if (flow === undefined) remove(identity);
        else {
          if (flow.cookie !== flows.get(identity)?.cookie) notMine(identity);
          put(flow);
        }
      }
      takeOthers('group', groups, others.groups, changed.others);
      takeOthers('meter', meters, others.meters, changed.others);
      ended();
    },
  };
}
