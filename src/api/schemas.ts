/** All shapes as JSON Schema, by the names of their types, for OpenAPI. Each is written beside its type. */

import { applySchemas } from './apply.ts';
import { errorSchemas } from './errors.ts';
import { intentSchemas } from './intents.ts';
import { planSchemas } from './network-plan.ts';
import { pipelineSchemas } from './pipeline.ts';
import { readySchemas } from './ready.ts';
import { releaseSchemas } from './release.ts';
import { appSchemas } from './shapes/app.ts';
import { counterSchemas } from './shapes/counter.ts';
import { driftSchemas } from './shapes/drift.ts';
import { eventSchemas } from './shapes/event.ts';
import { flowSchemas } from './shapes/flow.ts';
import { hostSchemas } from './shapes/host.ts';
import { publishedSchemas } from './shapes/published.ts';
import { ruleSchemas } from './shapes/rule.ts';
import type { JsonSchemas } from './shapes/schema.ts';
import { segmentSchemas } from './shapes/segment.ts';
import { snapshotSchemas } from './shapes/snapshot.ts';
import { stationSchemas } from './shapes/station.ts';
import { switchSchemas } from './shapes/switch.ts';
import { topologySchemas } from './shapes/topology.ts';
import { zoneSchemas } from './shapes/zone.ts';
import { traceSchemas } from './trace.ts';

export const schemas: JsonSchemas = {
  ...snapshotSchemas,
  ...hostSchemas,
  ...switchSchemas,
  ...segmentSchemas,
  ...stationSchemas,
  ...topologySchemas,
  ...zoneSchemas,
  ...appSchemas,
  ...flowSchemas,
  ...intentSchemas,
  ...ruleSchemas,
  ...publishedSchemas,
  ...counterSchemas,
  ...pipelineSchemas,
  ...traceSchemas,
  ...driftSchemas,
  ...eventSchemas,
  ...planSchemas,
  ...applySchemas,
  ...releaseSchemas,
  ...readySchemas,
  ...errorSchemas,
};
