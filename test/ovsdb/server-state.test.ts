/** Which servers are fit to talk to, by what their `_Server` database says; on real ones see client-keep.test.ts. */

import { describe, expect, test } from 'vitest';
import { type SeenIndexes, type ServerDemands, unfitness } from '../../src/ovsdb/client/server-state.ts';

const cid = '0a1b2c3d-0000-4000-8000-000000000001';
const row = (change: object = {}) => ({
  _uuid: cid,
  name: 'db',
  model: 'clustered',
  connected: true,
  leader: true,
  cid,
  index: 7,
  ...change,
});
const self = row({ name: '_Server', model: 'standalone', cid: undefined, index: undefined });

describe('a server is', () => {
  test.each<[string, object, ServerDemands, string | undefined]>([
    ['the leader', {}, {}, undefined],
    ['a follower', { leader: false }, {}, 'db: it is not the leader of its cluster'],
    ['a follower, where that will do', { leader: false }, { leaderOnly: false }, undefined],
    ['without its cluster', { connected: false }, { leaderOnly: false }, 'db: it has lost its cluster'],
    ['a relay', { model: 'relay', leader: false, cid: undefined, index: undefined }, {}, undefined],
    ['a relay without its source', { model: 'relay', connected: false }, {}, 'db: it has lost its source'],
    ['alone', { model: 'standalone', cid: undefined, index: undefined }, {}, undefined],
    ['of another database', {}, { database: 'other' }, 'it has no database other'],
    ['of an older copy than was seen', { index: 6 }, {}, 'db: its copy is older than one seen before'],
    ['of the same copy', { index: 7n }, {}, undefined],
    ['of another cluster', { index: 1, cid: '0a1b2c3d-0000-4000-8000-000000000002' }, {}, undefined],
  ])('%s', (_what, change, demands, reason) => {
    const seen: SeenIndexes = new Map();
    expect(unfitness([self, row()], {}, seen)).toBeUndefined();
    expect(unfitness([self, row(change)], demands, seen)).toBe(reason);
  });

  test('only the database that matters counts', () => {
    const lost = row({ name: 'lost', connected: false });
    expect(unfitness([self, row(), lost], { database: 'db' }, new Map())).toBeUndefined();
    expect(unfitness([self, row(), lost], {}, new Map())).toBe('lost: it has lost its cluster');
  });
});
