/** The pipeline as it is woven: who has which table, bits, zones, groups and meters. Plain data. */

import { flag, integer, type JsonSchemas, list, object, orNull, text } from './shapes/schema.ts';

export interface PipelineMap {
  stages: PipelineStage[];
  tables: PipelineTable[];
  fields: PipelineBits[];
  zones: PipelineZone[];
  groups: PipelineGroup[];
  meters: PipelineMeter[];
}

export interface PipelineStage {
  name: string;
  /** Table ids. */
  first: number;
  last: number;
}

export interface PipelineTable {
  id: number;
  /** `firewall`, `switching.learned` */
  name: string;
  stage: string;
  app: string;
  /** Written by `learn` alone. */
  learned: boolean;
  /** That are declared, on all switches together; 0: the table does not exist, or holds only what is learned. */
  flows: number;
}

export interface PipelineBits {
  /** `segment`, `router.nextHop` */
  name: string;
  /** null: the pipeline's own. */
  app: string | null;
  /** `reg7[0..15]`, `ct_mark[0]` */
  bits: string;
  text: string;
  /** Apps that say that they use it. */
  users: string[];
}

export interface PipelineZone {
  zone: number;
  name: string | null;
  apps: string[];
  switches: string[];
}

export interface PipelineGroup {
  id: number;
  app: string;
  key: string;
  switches: string[];
}

export interface PipelineMeter {
  id: number;
  app: string;
  key: string;
  /** `100 packets/s, burst 10` */
  rate: string;
  switches: string[];
}

export interface PipelineSource {
  pipeline(): PipelineMap;
}

export const pipelineSchemas: JsonSchemas = {
  PipelineMap: object<PipelineMap>({
    stages: list(object<PipelineStage>({ name: text, first: integer, last: integer })),
    tables: list(
      object<PipelineTable>({ id: integer, name: text, stage: text, app: text, learned: flag, flows: integer }),
    ),
    fields: list(object<PipelineBits>({ name: text, app: orNull(text), bits: text, text, users: list(text) })),
    zones: list(object<PipelineZone>({ zone: integer, name: orNull(text), apps: list(text), switches: list(text) })),
    groups: list(object<PipelineGroup>({ id: integer, app: text, key: text, switches: list(text) })),
    meters: list(object<PipelineMeter>({ id: integer, app: text, key: text, rate: text, switches: list(text) })),
  }),
};
