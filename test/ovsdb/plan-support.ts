/** A real ovsdb-server with a replica beside it, for tests that plan for it. */

import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { type ManagedTables, managedTables } from '../../src/ovsdb/manager/managed-tables.ts';
import type { Plan } from '../../src/ovsdb/manager/plan-builder.ts';
import { createReplica, type Replica, type Snapshot } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

/** Started anew for each test. */
export interface PlannedServer {
  readonly server: OvsdbServer;
  readonly client: OvsdbClient;
  snapshot(): Snapshot<ManagedTables>;
  /** Writes the plan, and sees that nothing is left to do. */
  apply(plan: () => Plan): Promise<Plan>;
  /** Runs ovs-vsctl; returns when the replica has seen what it did. */
  vsctl(...args: string[]): Promise<string>;
}

export function plannedServer(): PlannedServer {
  let server: OvsdbServer;
  let client: OvsdbClient;
  let replica: Replica<ManagedTables>;

  beforeEach(async () => {
    server = await startOvsdbServer();
    client = await connectOvsdb(server.target);
    replica = createReplica(managedTables);
    await replica.follow(client);
  });
  afterEach(async () => {
    client.close();
    await server.stop();
  });

  return {
    get server() {
      return server;
    },
    get client() {
      return client;
    },
    snapshot: () => replica.snapshot(),
    async apply(plan) {
      const made = plan();
      if (made.operations.length > 0) await client.transact('Open_vSwitch', made.operations);
      await vi.waitFor(() => expect(plan().operations).toEqual([]), SOON);
      expect(plan().changes).toEqual([]);
      return made;
    },
    async vsctl(...args) {
      const answer = await server.vsctl(...args);
      // Our own change comes after that one: when the replica has it, it has both.
      const [, selected] = await client.transact('Open_vSwitch', [
        { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
        { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
      ]);
      const expected = Number(selected?.rows?.[0]?.next_cfg);
      await vi.waitFor(() => {
        const [root] = replica.snapshot().Open_vSwitch.values();
        expect(root?.next_cfg).toBeGreaterThanOrEqual(expected);
      }, SOON);
      return answer;
    },
  };
}
