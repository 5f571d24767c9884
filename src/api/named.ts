/** What a question names must be there: 400 for what can be no such name, 404 with the names that there are. */

import { type ApiError, apiError } from './errors.ts';
import type { Asked } from './route.ts';
import type { FlowStatus, SnapshotSource } from './snapshot.ts';

/** Names that an answer lists; there may be thousands. */
const SHOWN = 20;

/** Refuses a parameter of the path or the query that names nothing; the rest is the route's. Gives the switch that it is
 * about, where it is about one. */
export function checkNamed(source: SnapshotSource, { parameters, query }: Asked): { dpid: string | undefined } {
  if (parameters.dpid !== undefined && !/^[0-9a-f]{16}$/i.test(parameters.dpid))
    throw apiError(400, 'bad-parameter', `"${parameters.dpid}" is no datapath id`, 'give its 16 hex digits');
  const { app, segment, mac } = query;
  if (mac !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac))
    throw apiError(400, 'bad-parameter', `"${mac}" is no MAC address`, 'give it like 02:00:00:00:00:01');
  const name = parameters.dpid ?? query.switch;
  if (name === undefined && app === undefined && segment === undefined) return { dpid: undefined };
  const { switches, apps, segments, stations } = source.status();
  if (app !== undefined && !apps.some((one) => one.name === app) && !source.flows().some((flow) => flow.app === app))
    throw unknown('app', app, apps);
  const isSegment = segments.some((one) => one.name === segment) || stations.some((one) => one.segment === segment);
  if (segment !== undefined && !isSegment) throw unknown('segment', segment, segments);
  if (name === undefined) return { dpid: undefined };
  const wanted = name.toLowerCase();
  const found = switches.find((one) => one.name === name || (one.dpid !== '' && one.dpid === wanted));
  if (found === undefined) {
    const byId = switches.filter((one) => one.dpid !== '').map((one) => ({ name: one.dpid }));
    throw unknown('switch', name, parameters.dpid === undefined ? switches : byId);
  }
  return { dpid: found.dpid === '' ? undefined : found.dpid };
}

/** Whether any flow stands for it, also where none is left after the other filters. */
export function checkIntent(flows: readonly FlowStatus[], intent: string | undefined): void {
  if (intent === undefined || flows.some((flow) => hasIntent(flow, intent))) return;
  throw apiError(404, 'unknown-intent', `no flow is there for "${intent}"`, 'see /api/v1/intents for those that are');
}

export function hasIntent({ intent, source }: FlowStatus, wanted: string): boolean {
  return `${intent ?? ''} (${source ?? ''})`.includes(wanted);
}

const NONE = { switch: 'no switch is connected yet', app: 'no app runs', segment: 'the file has no segments' };

function unknown(what: keyof typeof NONE, name: string, known: readonly { name: string }[]): ApiError {
  const names = known.slice(0, SHOWN).map((one) => one.name);
  const more = known.length > SHOWN ? ` and ${known.length - SHOWN} more` : '';
  const hint = names.length === 0 ? NONE[what] : `name one of ${names.join(', ')}${more}`;
  return apiError(404, `unknown-${what}`, `there is no ${what} "${name}"`, hint);
}
