/**
 * Where the names in flows and groups lead (tables, stages, groups), and who goes by each: when a name leads elsewhere,
 * only those that use it are woven again.
 */

export interface Links<User> {
  /** What the name leads to now; the user is told of by `moved` when that changes. */
  follow<T>(name: string, resolve: () => T, user: User & Linked): T;
  /** The user goes by no name any more. */
  leave(user: User & Linked): void;
  /** Looks again where names lead, all or those chosen; gives back the users of names that lead elsewhere now. */
  moved(which?: ReadonlySet<string>): Set<User>;
}

/** What a user remembers: the names it goes by. */
export interface Linked {
  links: string[] | undefined;
}

interface Link<User> {
  resolve(): unknown;
  to: unknown;
  users: Set<User>;
}

export function createLinks<User>(): Links<User> {
  const links = new Map<string, Link<User>>();
  return {
    follow<T>(name: string, resolve: () => T, user: User & Linked): T {
      let link = links.get(name);
      if (link === undefined) {
        link = { resolve, to: resolve(), users: new Set() };
        links.set(name, link);
      }
      link.users.add(user);
      if (user.links === undefined) user.links = [name];
      else if (!user.links.includes(name)) user.links.push(name);
      return link.to as T;
    },
    leave(user) {
      if (user.links === undefined) return;
      for (const name of user.links) {
        const link = links.get(name);
        link?.users.delete(user);
        if (link?.users.size === 0) links.delete(name);
      }
      user.links = undefined;
    },
    moved(which) {
      const users = new Set<User>();
      for (const name of which ?? links.keys()) {
        const link = links.get(name);
        if (link === undefined) continue;
        const to = link.resolve();
        if (to === link.to) continue;
        link.to = to;
        for (const user of link.users) users.add(user);
      }
      return users;
    },
  };
}
