/** The page's own copy of the shapes, and the OpenAPI schemas, against those of the API. */
import { expect, expectTypeOf, test } from 'vitest';
import type * as page from '../../apps/dashboard/web/src/wire.ts';
import { sumIntents } from '../../src/api/intents.ts';
import { schemas } from '../../src/api/schemas.ts';
import type * as api from '../../src/api/snapshot.ts';
import { sampleSource } from './sample-source.ts';

test('the page reads what the API sends (checked by the type checker)', () => {
  expectTypeOf<page.Snapshot>().toEqualTypeOf<api.Snapshot>();
  expectTypeOf<page.FlowStatus>().toEqualTypeOf<api.FlowStatus>();
  expectTypeOf<page.StreamMessage>().toEqualTypeOf<api.StreamMessage>();
  expectTypeOf<page.Subscribe>().toEqualTypeOf<api.Subscribe>();
  expectTypeOf<page.CounterHistory>().toEqualTypeOf<api.CounterHistory>();
  expectTypeOf<page.Topic>().toEqualTypeOf<api.Topic>();
});

test('every shape has exactly the fields that its schema names', () => {
  const { snapshot, flowList } = sampleSource();
  const samples: Record<string, object> = {
    Snapshot: snapshot,
    HostStatus: snapshot.hosts[0]!,
    SwitchStatus: snapshot.switches[0]!,
    PortStatus: snapshot.switches[0]!.ports[0]!,
    SegmentStatus: snapshot.segments[0]!,
    StationStatus: snapshot.stations[0]!,
    MacTableStatus: snapshot.macTables[0]!,
    TopologyStatus: snapshot.topology,
    CableStatus: snapshot.topology.cables[0]!,
    ClosedPortStatus: snapshot.topology.closedPorts[0]!,
    AppStatus: snapshot.apps[0]!,
    FlowStatus: flowList[0]!,
    IntentStatus: sumIntents(flowList)[0]!,
  };
  for (const [name, sample] of Object.entries(samples)) {
    expect(schemas[name]?.required?.toSorted(), name).toEqual(Object.keys(sample).toSorted());
  }
});
