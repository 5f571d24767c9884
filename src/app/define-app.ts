/** What an app is: its name, its config's schema, its tables, and what it does on each switch. */

import type { z } from 'zod';
import type { Config } from '../config/model.ts';
import type { FieldSpec } from '../flow/allocate/field-plan.ts';
import type { AppContext, SetupContext } from './context.ts';
import type { Handlers, NetworkHandlers } from './handlers.ts';
import type { LearnedFlow, LearnedStation } from './learned-flow.ts';
import type { TableSpec } from './table-spec.ts';

export interface AppDefinition<
  S extends z.ZodType = z.ZodType,
  T extends Record<string, TableSpec> = Record<string, TableSpec>,
  K extends Record<string, string> = Record<string, string>,
> {
  /** Unique; also how the user's file names it. */
  name: string;
  /** What the user may write under the app's name in the file. Without it: nothing. */
  config?: S;
  /**
   * What is wrong with the config beside the rest of the file, such as a name that is not in it: refused as what the schema
   * refuses. undefined: Flowloom runs without a file.
   */
  check?(config: z.output<S>, network: Config | undefined): readonly ConfigProblem[];
  /** By the app's own names; the weaver gives them ids. */
  tables?: T;
  /**
   * What the app keeps about a packet, or about its connection, from one table to another, by short names: `nextHop` of app
   * `router` is `router.nextHop` wherever it is written. The host gives them bits.
   */
  fields?: Record<string, FieldSpec>;
  /** What it needs of other apps, by full name: fields that it matches or sets, services that they offer. */
  uses?: readonly string[];
  /** Services that it may offer, so that others can say that they use them. */
  offers?: readonly { readonly name: string }[];
  /** What a flow in one of its learned tables says of a station; so stations are known by what the switches learned. */
  station?(flow: LearnedFlow): LearnedStation | undefined;
  /** Name → what it counts, for people. */
  counters?: K;
  /** Once per switch, when it connects; its state lives in this closure. */
  attach?(context: AppContext<S, T, K>): Handlers<z.output<S>> | undefined;
  /** Once, before the first switch: for what spans switches. One of the two there must be. */
  setup?(context: SetupContext<S, T, K>): NetworkHandlers<keyof T & string, z.output<S>> | undefined;
}

/** A mistake in an app's config, as the app itself finds it. */
export interface ConfigProblem {
  /** Where in the config: `['flows', 0, 'on']`. */
  path: readonly (string | number)[];
  message: string;
  fix: string;
}

/** An app of any config, tables and counters, as the host holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the definition's own types meet again only inside its attach.
export type AnyApp = AppDefinition<any, any, any>;

/** Gives the definition its types; changes nothing. */
export function defineApp<
  S extends z.ZodType = z.ZodType<unknown>,
  const T extends Record<string, TableSpec> = Record<never, TableSpec>,
  const K extends Record<string, string> = Record<never, string>,
>(definition: AppDefinition<S, T, K>): AppDefinition<S, T, K> {
  return definition;
}
