/** The groups that apps declare for one switch, by app and key. */

import type { OwnIds } from '../allocate/own-ids.ts';
import type { AppGroup } from '../flow.ts';
import type { Scope } from './compile.ts';
import { type AnyDeclared, type DeclaredGroup, NEW, sameApp, type WeaverApp } from './declared.ts';
import { type DesiredGroup, desiredGroup } from './desired.ts';
import type { Links } from './links.ts';
import { same } from './same.ts';

export interface GroupBook {
  /** By id. */
  readonly groups: ReadonlyMap<number, DesiredGroup>;
  set(app: WeaverApp, key: string, group: AppGroup): void;
  delete(app: WeaverApp, key: string): void;
  /** Its id; or why flows can't use it. */
  find(app: string, key: string): number | string;
  /** Everything that the app declared is withdrawn. */
  clear(app: WeaverApp): void;
  /** Remembers what the app declared; the function given back puts just that in place again. */
  keep(app: WeaverApp): () => void;
  /** A name that it goes by leads elsewhere now. */
  moved(group: DeclaredGroup): void;
  /** Weaves what has changed since the last call; gives back `group app/key` of each. */
  weave(scopeOf: (group: DeclaredGroup) => Scope): Set<string>;
  /** Groups that can't be. */
  errors(): string[];
}

export function createGroupBook(ids: OwnIds, links: Pick<Links<AnyDeclared>, 'leave'>): GroupBook {
  const groups = new Map<number, DesiredGroup>();
  /** `app/key` */
  const declared = new Map<string, DeclaredGroup>();
  const changed = new Set<DeclaredGroup>();

  function withdraw(group: DeclaredGroup): void {
    group.withdrawn = true;
    changed.add(group);
  }

  function groupsOf(app: WeaverApp): DeclaredGroup[] {
    return [...declared.values()].filter((group) => group.app.name === app.name);
  }

  function weaveOne(each: DeclaredGroup, scope: Scope): void {
    const { app, key, group } = each;
    try {
      each.woven = desiredGroup(app.name, key, ids.idOf(app.name, key), group, scope);
      groups.set(each.woven.groupId, each.woven);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      each.error = `app "${app.name}", group "${key}": ${error.message}`;
    }
  }

  /** Takes the group that the declaration became out again. */
  function takeOut(each: DeclaredGroup): void {
    links.leave(each);
    if (each.woven !== undefined) groups.delete(each.woven.groupId);
    Object.assign(each, { woven: undefined, error: undefined, stale: false });
  }

  const book: GroupBook = {
    groups,
    set(app, key, group) {
      const name = `${app.name}/${key}`;
      const standing = declared.get(name);
      if (standing === undefined) {
        const fresh = { app, key, group, ...NEW, woven: undefined };
        declared.set(name, fresh);
        changed.add(fresh);
        return;
      }
      const isSame = sameApp(standing.app, app) && same(standing.group, group);
      Object.assign(standing, { app, group, withdrawn: false });
      if (!isSame) book.moved(standing);
    },
    delete(app, key) {
      const standing = declared.get(`${app.name}/${key}`);
      if (standing !== undefined) withdraw(standing);
    },
    find(app, key) {
      const found = declared.get(`${app}/${key}`);
      if (found === undefined) return `app "${app}" has no group "${key}"`;
      return found.error === undefined ? ids.idOf(app, key) : `its group "${key}" can't be`;
    },
    clear(app) {
      for (const group of groupsOf(app)) withdraw(group);
    },
    keep(app) {
      const kept = groupsOf(app).filter(({ withdrawn }) => !withdrawn);
      const all = kept.map(({ key, group }) => [key, group] as const);
      return () => {
        book.clear(app);
        for (const [key, group] of all) book.set(app, key, group);
      };
    },
    moved(group) {
      group.stale = true;
      changed.add(group);
    },
    weave(scopeOf) {
      const names = new Set<string>();
      for (const each of changed) {
        if (!each.withdrawn && !each.stale) continue;
        const name = `${each.app.name}/${each.key}`;
        names.add(`group ${name}`);
        takeOut(each);
        if (!each.withdrawn) weaveOne(each, scopeOf(each));
        else if (declared.get(name) === each) {
          declared.delete(name);
          ids.release(each.app.name, each.key);
        }
      }
      changed.clear();
      return names;
    },
    errors: () => [...declared.values()].flatMap(({ error }) => error ?? []),
  };
  return book;
}
