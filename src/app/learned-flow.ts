/** What a switch learned by itself, as the app sees it whose `learn` did it: the app alone knows what its flows mean. */

import type { Match } from '../../proto/openflow/match.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import type { TablePlan } from '../flow/allocate/table-plan.ts';
import { appOf, isState } from '../flow/cookie.ts';
import type { AppFieldName, TableFlow } from '../flow/flow.ts';
import { loadedInto } from '../flow/learned.ts';
import type { Namespace } from '../flow/namespace.ts';
import type { PipelineFieldName } from '../flow/pipeline-fields.ts';
import { namedField, readBits, readField } from '../flow/weave/compile.ts';
import { thrownWords } from './thrown.ts';

/** A flow in one of the app's learned tables. */
export interface LearnedFlow {
  /** The app's own name of it. */
  table: string;
  match: Match;
  /** What it matches in a field; undefined: anything. */
  matches(field: PipelineFieldName | AppFieldName): number | undefined;
  /** The same of a field that a number does not hold. */
  matchesBits(field: AppFieldName): bigint | undefined;
  /** What it puts into a field; undefined: nothing. MAC addresses are numbers of 48 bits. */
  loads(field: PipelineFieldName | AppFieldName | 'ethSrc' | 'ethDst'): number | undefined;
}

/** One that stands in the switch. */
export interface StandingLearnedFlow extends LearnedFlow {
  /** Of all flows of the switch. */
  readonly identity: string;
  /**
   * Milliseconds since 1970 when packets went by it last, to within the time between two readings of its counter (30 s or
   * more), or when it was learned; undefined: none since anybody looked.
   */
  readonly usedAt: number | undefined;
}

/** A station that a learned flow is about. */
export interface LearnedStation {
  /** Segment.id. */
  segment: number;
  mac: string;
  /** Where it is. `peer`: the tunnel's other end. */
  place: { port: number; peer: string | undefined } | undefined;
  /** IPv4 or IPv6. A flow with neither place nor address only counts what the station sends. */
  address: string | undefined;
}

/** undefined: it is about no station. */
export type StationOf = (flow: TableFlow) => LearnedStation | undefined;

/** The apps that are loaded. */
interface Apps {
  namespace: Namespace;
  byNumber(number: number): LearningApp | undefined;
  plan: Pick<TablePlan, 'owners'>;
}

interface LearningApp {
  name: string;
  definition: { station?(flow: LearnedFlow): LearnedStation | undefined };
  fields: ReadonlyMap<string, Subfield>;
}

/** `tell` hears once of each app that can't say. */
export function stationReader(host: Apps, tell: (text: string) => void = () => undefined): StationOf {
  const told = new Set<string>();
  return (flow) => {
    if (!isState(host.namespace, flow.cookie)) return undefined;
    const app = host.byNumber(appOf(flow.cookie));
    const owner = host.plan.owners.get(flow.tableId);
    if (app?.definition.station === undefined || owner?.app !== app.name || !owner.learned) return undefined;
    const scope = {
      field(name: string) {
        const place = app.fields.get(name);
        if (place === undefined) throw new Error(`app "${app.name}" has no field "${name}"`);
        return place;
      },
    };
    try {
      return app.definition.station(learnedFlow(flow, owner.table, scope));
    } catch (error) {
      if (!told.has(app.name))
        tell(`app "${app.name}" can't say of which station a learned flow is: ${thrownWords(error).message}`);
      told.add(app.name);
      return undefined;
    }
  };
}

/** `table`: the app's name of it; `scope`: the app's fields. */
export function learnedFlow(flow: TableFlow, table: string, scope: FieldScope): LearnedFlow {
  const place = (field: string): Subfield =>
    field === 'ethSrc' || field === 'ethDst' ? { field, offset: 0, bits: 48 } : namedField(field, scope)!;
  return {
    table,
    match: flow.match,
    matches: (field) => readField(flow.match, field, scope),
    matchesBits: (field) => readBits(flow.match, field, scope),
    loads: (field) => loadedInto(flow, place(field)),
  };
}

type FieldScope = Parameters<typeof readField>[2];
