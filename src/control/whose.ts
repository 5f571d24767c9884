/** Whose a flow is that stands in a switch, and why: by who declares it, else by its cookie alone. */

import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import { appOf, isOurs, WEAVER } from '../flow/cookie.ts';

export interface Owner {
  app: string | null;
  intent: string | null;
  /** `flowloom.yaml:12` */
  source: string | null;
}

export function ownerOf(host: AppHost, site: SwitchSite, flow: { identity: string; cookie: bigint }): Owner {
  const desired = site.reconciler.desired(flow.identity);
  if (desired === undefined) return whose(host, site, flow.cookie);
  return { app: desired.app, intent: desired.intent.text, source: desired.intent.source ?? null };
}

/** By the cookie alone: for what a switch learned, and what an earlier run left. */
export function whose(host: AppHost, site: SwitchSite | undefined, cookie: bigint): Owner {
  if (!isOurs(host.namespace, cookie)) return { app: null, intent: null, source: null };
  const number = appOf(cookie);
  if (number === WEAVER) return { app: 'weaver', intent: null, source: null };
  const learned = site?.learned(cookie);
  if (learned !== undefined) {
    return { app: learned.app, intent: learned.intent.text, source: learned.intent.source ?? null };
  }
  return { app: host.byNumber(number)?.name ?? 'unknown', intent: null, source: null };
}
