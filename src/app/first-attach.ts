/**
 * Until an app has begun on a switch for the first time, right after a restart or as the switch connects again, what it
 * declared before stands in the switch alone: where it can't begin, that stays, and goes on being a way for packets.
 */

import { appOf, isOurs } from '../flow/cookie.ts';
import type { Weaver, WeaverApp } from '../flow/weave/weaver.ts';
import type { AppSite } from './instances.ts';

export interface FirstAttach {
  succeeded(): void;
  failed(): void;
  /** The app leaves the switch. */
  end(): void;
  /** For people. */
  whatStays(): string;
}

export function awaitFirstAttach(
  site: Pick<AppSite, 'name' | 'namespace' | 'standing' | 'waitFor'>,
  weaver: Pick<Weaver, 'hold'>,
  app: WeaverApp,
): FirstAttach {
  /** From then on the weaver has what it declared, whatever comes. */
  let done = false;

  function standsIn(tableId: number): boolean {
    for (const { cookie } of site.standing(tableId)) {
      if (isOurs(site.namespace, cookie) && appOf(cookie) === app.number) return true;
    }
    return false;
  }

  return {
    succeeded() {
      done = true;
      site.waitFor(app.number, false);
    },
    failed() {
      if (done) return;
      site.waitFor(app.number, true);
      // Other apps' packets go on coming to them.
      for (const [name, id] of app.tables) if (app.learned?.has(name) !== true && standsIn(id)) weaver.hold(app, name);
    },
    end: () => site.waitFor(app.number, false),
    whatStays: () => (done ? 'its flows stay' : `its flows stay as they stand in ${site.name()}`),
  };
}
