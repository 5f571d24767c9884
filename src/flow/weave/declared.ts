/** What apps declared for one switch, as the weaver holds it until it is woven. */

import type { Subfield } from '../../../proto/openflow/subfield.ts';
import { intentContent } from '../cookie.ts';
import type { AppFlow, AppGroup } from '../flow.ts';
import type { DesiredGroup } from './desired.ts';
import { intentOf } from './desired.ts';
import type { Linked } from './links.ts';
import { same } from './same.ts';

/** An app as the weaver knows it. */
export interface WeaverApp {
  name: string;
  /** Number in cookies. */
  number: number;
  tables: ReadonlyMap<string, number>;
  /** Its own tables that only `learn` writes. */
  learned?: ReadonlySet<string>;
  /** Its own fields and those that it uses, by full name. */
  fields?: ReadonlyMap<string, Subfield>;
  /** Whether the conntrack zone was given to somebody by name. */
  isZone?(zone: number): boolean;
}

export interface Declared extends Linked {
  app: WeaverApp;
  key: string;
  /** Withdrawn; it goes at the next weaving, unless it is declared again before. */
  withdrawn: boolean;
  /** What it became is not what it says any more. */
  stale: boolean;
  error: string | undefined;
}

export interface DeclaredFlow extends Declared {
  tableId: number;
  flow: AppFlow;
  identity: string | undefined;
  /** It is among those that have changed since the last weaving. */
  noted: boolean;
}

export interface DeclaredGroup extends Declared {
  group: AppGroup;
  woven: DesiredGroup | undefined;
}

export type AnyDeclared = DeclaredFlow | DeclaredGroup;

/** Of every one that is declared for the first time. */
export const NEW = { links: undefined, withdrawn: false, stale: true, error: undefined };

/** Each property by itself: of flows there are many. */
export function freshFlow(app: WeaverApp, tableId: number, key: string, flow: AppFlow): DeclaredFlow {
  const { links, withdrawn, stale, error } = NEW;
  return { app, tableId, key, flow, links, withdrawn, stale, error, identity: undefined, noted: false };
}

export function sameApp(a: WeaverApp, b: WeaverApp): boolean {
  return a === b || (a.name === b.name && a.number === b.number && a.tables === b.tables && a.fields === b.fields);
}

/** All but where it stands in the file. */
export function sameFlow(a: AppFlow, b: AppFlow): boolean {
  return (
    a === b ||
    (a.priority === b.priority &&
      intentContent(intentOf(a)) === intentContent(intentOf(b)) &&
      a.idleTimeout === b.idleTimeout &&
      a.hardTimeout === b.hardTimeout &&
      same(a.match, b.match) &&
      same(a.actions, b.actions))
  );
}
