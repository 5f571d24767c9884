/** A flow as the API shows it: its text, whose it is and why, what it has counted. */

import type { FlowStatus } from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import { ownerOf } from '../control/whose.ts';
import { identityId } from '../flow/flow-bytes.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';
import type { Counters } from './counters.ts';

/** A flow's text, which takes longer to write than all else of it, and stays. */
const texts = new WeakMap<ActualFlow, { match: string; actions: string }>();

function textOf(flow: ActualFlow): { match: string; actions: string } {
  let text = texts.get(flow);
  if (text === undefined) {
    text = { match: formatMatch(flow.match), actions: formatInstructions(flow.instructions) };
    texts.set(flow, text);
  }
  return text;
}

export function flowStatus(host: AppHost, counters: Counters, site: SwitchSite, flow: ActualFlow): FlowStatus {
  const id = `${site.dpid}/${identityId(flow.identity)}`;
  const figures = counters.flow(site.dpid, flow.identity);
  return {
    id,
    dpid: site.dpid,
    switch: site.name(),
    table: flow.tableId,
    tableName: host.plan.name(flow.tableId),
    priority: flow.priority,
    ...textOf(flow),
    cookie: `0x${flow.cookie.toString(16).padStart(16, '0')}`,
    ...ownerOf(host, site, flow),
    packets: figures?.packets ?? 0,
    bytes: figures?.bytes ?? 0,
    packetRate: figures?.packetRate ?? 0,
    bitRate: (figures?.byteRate ?? 0) * 8,
    duration: figures === undefined ? flow.duration : Math.floor((Date.now() - figures.installedAt) / 1000),
  };
}
