/** The page's own copy of the shapes against those of the API. */
import { expectTypeOf, test } from 'vitest';
import type * as page from '../../apps/dashboard/web/src/wire.ts';
import type * as api from '../../src/api/snapshot.ts';

test('the page reads what the API sends (checked by the type checker)', () => {
  expectTypeOf<page.Snapshot>().toEqualTypeOf<api.Snapshot>();
  expectTypeOf<page.FlowStatus>().toEqualTypeOf<api.FlowStatus>();
  expectTypeOf<page.StreamMessage>().toEqualTypeOf<api.StreamMessage>();
  expectTypeOf<page.Subscribe>().toEqualTypeOf<api.Subscribe>();
  expectTypeOf<page.CounterHistory>().toEqualTypeOf<api.CounterHistory>();
  expectTypeOf<page.Topic>().toEqualTypeOf<api.Topic>();
});
