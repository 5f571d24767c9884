/** What the parts of a plan share: what there is, what is being made, and how references are found. */
import { type NamedUuid, namedUuid, type UuidReference } from '../../../proto/ovsdb/index.ts';
import type { TableName } from './desired-row.ts';
import { createPlanBuilder, type PlanBuilder } from './plan-builder.ts';
import type { PlanMemory } from './plan-memory.ts';
import type { SnapshotIndex } from './snapshot-index.ts';

export interface PlanContext {
  readonly builder: PlanBuilder;
  readonly index: SnapshotIndex;
  readonly owner: string;
  /** Whether the live schema has a column. */
  has(table: TableName, column: string): boolean;
  /** A new name for a row to be inserted. */
  name(): NamedUuid;
  readonly memory: PlanMemory;
  /** New rows of Port by name. */
  readonly ports: Map<string, UuidReference>;
  /** UUIDs of our rows of tables whose rows do not vanish by themselves, as far as they are still wanted. */
  readonly kept: Set<string>;
  /** UUIDs of ports that go, or that were made as they should be; any other stays with all that it refers to. */
  readonly planned: Set<string>;
}

export function createPlanContext(
  index: SnapshotIndex,
  owner: string,
  missing: ReadonlySet<string>,
  memory: PlanMemory,
): PlanContext {
  let named = 0;
  return {
    builder: createPlanBuilder(),
    index,
    owner,
    memory,
    has: (table, column) => !missing.has(table) && !missing.has(`${table}.${column}`),
    name: () => namedUuid(`row${++named}`),
    ports: new Map(),
    kept: new Set(),
    planned: new Set(),
  };
}
