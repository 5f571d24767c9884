/** Collects a plan: readable lines, and operations that each know what they are for. */

import type { Mutation, Operation } from '../../../proto/ovsdb/index.ts';
import { encodeMap } from '../../../proto/ovsdb/map.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';

/** What an operation is for: the line told to the user, and where the file asks for it. */
export interface Origin {
  text: string;
  /** undefined: nothing in the file asks for it any more. */
  source: string | undefined;
  /** The row's name, by which an error of the commit is traced. */
  name: string;
}

export interface Plan {
  /** One line per change, with its place in the file. */
  changes: string[];
  operations: Operation[];
  /** One per operation; undefined: bookkeeping. */
  origins: (Origin | undefined)[];
  /** What is not done, why, and what to do about it. */
  refused: string[];
  /** Bridges that lose every flow that they have, ours and others', by this plan. */
  flushes: { bridge: string; source: string; why: string }[];
}

export interface PlanBuilder {
  readonly plan: Plan;
  /** Tells a change and adds what carries it out. */
  change(origin: Origin, ...operations: Operation[]): void;
  /** Adds an operation that no line of its own tells. */
  operation(operation: Operation, origin?: Origin): void;
  refuse(text: string): void;
}

export function createPlanBuilder(): PlanBuilder {
  const plan: Plan = { changes: [], operations: [], origins: [], refused: [], flushes: [] };
  function operation(item: Operation, origin?: Origin): void {
    plan.operations.push(item);
    plan.origins.push(origin);
  }
  return {
    plan,
    operation,
    change(origin, ...operations) {
      plan.changes.push(formatOrigin(origin));
      for (const item of operations) operation(item, origin);
    },
    refuse: (text) => plan.refused.push(text),
  };
}

export function formatOrigin({ text, source }: Origin): string {
  return source === undefined ? text : `${text} (${source})`;
}

/** The fewest mutations that make a map of ours what it should be, and the words for them. */
export function mapMutations(
  column: string,
  actual: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): { mutations: Mutation[]; words: string[] } {
  const gone = [...actual.keys()].filter((key) => wanted.get(key) !== actual.get(key));
  const added = new Map([...wanted].filter(([key, value]) => actual.get(key) !== value));
  const mutations: Mutation[] = [];
  // An insert does not overwrite: the old pair goes first.
  if (gone.length > 0) mutations.push([column, 'delete', encodeSet('string', gone)]);
  if (added.size > 0) mutations.push([column, 'insert', encodeMap('string', 'string', added)]);
  const words = [
    ...[...added].map(([key, value]) =>
      isSecret(column, key) ? `set ${column}:${key}` : `set ${column}:${key}=${value}${was(actual.get(key))}`,
    ),
    ...gone.filter((key) => !wanted.has(key)).map((key) => `remove ${column}:${key}`),
  ];
  return { mutations, words };
}

/** Words go to the log and to whoever may read the status: a tunnel's pre-shared key does not. */
function isSecret(column: string, key: string): boolean {
  return column === 'options' && key === 'psk';
}

export function was(value: unknown): string {
  return value === undefined || value === '' ? '' : `, was ${value}`;
}
