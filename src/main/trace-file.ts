/** `trace FILE`: on what the file's apps would put into the switches, without a Flowloom, a host or a switch. */

import type { TraceReport, TraceRequest } from '../api/trace.ts';
import { createAppHost } from '../app/host.ts';
import { rehearse } from '../app/rehearse.ts';
import type { Config } from '../config/model.ts';
import { formatProblems } from '../config/problem.ts';
import { appOf, isOurs, WEAVER } from '../flow/cookie.ts';
import { namespaceOf } from '../flow/namespace.ts';
import type { KnownSwitch } from '../trace/knowledge.ts';
import { PacketWordsError } from '../trace/packet-words.ts';
import type { Traceable } from '../trace/traceable.ts';
import { TraceError, trace } from '../trace/tracer.ts';
import { requestApps } from './load-apps.ts';
import { flowBridges } from './plan.ts';
import { portsOfNewBridge } from './plan-ports.ts';
import { lineOf } from './trace.ts';
import { heardBefore, withImagined } from './trace-imagined.ts';
import { beyondOf } from './trace-links.ts';
import { withSelectedPorts } from './trace-selected.ts';
import { knownPorts, makeTraceable } from './trace-switch.ts';
import { UnusableError } from './unusable.ts';

/** Throws UnusableError with what is wrong in the file or the words. */
export async function traceFile(config: Config, request: TraceRequest): Promise<TraceReport> {
  const host = createAppHost({ namespace: namespaceOf(config.owner) });
  const { requests, problems } = await requestApps(config, []);
  if (problems.length === 0) problems.push(...host.load(requests));
  if (problems.length > 0) throw new UnusableError(formatProblems(problems).trimEnd());
  const { network, notes } = withSelectedPorts(config);
  const bridges = flowBridges(network).map((at) => {
    const { ports, invented } = portsOfNewBridge(at, [], network);
    const name = `${at.host}/${at.bridge}`;
    const known: KnownSwitch = { dpid: '', name, ...at, ports: knownPorts(ports), stations: [] };
    return { at, name, ports, invented, known };
  });
  const imagined = withImagined({ network, switches: bridges.map(({ known }) => known) }, request);
  const { knowledge } = imagined;
  const { switches } = knowledge;

  function fileSwitch(name: string): Promise<Traceable> {
    const found = bridges.find((each) => each.name === name);
    if (found === undefined) throw new TraceError(`${name} is no bridge with flows of ${config.file}`);
    const { at, ports, invented } = found;
    const known = () => switches.find((each) => each.name === name)!;
    const rehearsing = host.copy();
    const shadow = { dpid: '0'.repeat(16), name, ...at, ports, flows: new Map() };
    const { woven, failed } = rehearse(rehearsing, shadow, network);
    return makeTraceable({
      ...{ dpid: '', name, at, host: rehearsing, network, ports, invented },
      flows: woven.flows.values(),
      groups: woven.groups.values(),
      groupName(groupId) {
        const group = woven.groups.get(groupId);
        return group === undefined ? undefined : `group "${group.key}" of ${group.app}`;
      },
      ownerOf(cookie, identity) {
        const flow = identity === undefined ? undefined : woven.flows.get(identity);
        if (flow !== undefined) {
          return { app: flow.app, intent: flow.intent.text, source: flow.intent.source ?? lineOf(host, flow.app) };
        }
        const app = ownerByCookie(cookie);
        return { app, intent: null, source: lineOf(host, app) };
      },
      beyond: (left) => beyondOf({ network, switches, cable: () => undefined }, known(), left),
      notes: [
        ...Array.from(failed, ([app, error]) => `${name}: app ${app} failed, its flows are missing: ${error}`),
        ...woven.errors.map((error) => `${name}: ${error}`),
      ],
    });
  }

  function ownerByCookie(cookie: bigint): string | null {
    if (!isOurs(host.namespace, cookie)) return null;
    const number = appOf(cookie);
    return number === WEAVER ? 'weaver' : (host.byNumber(number)?.name ?? null);
  }

  try {
    const { packets, notes: more } = await trace(request, {
      knowledge,
      heard: (asked) => heardBefore(knowledge, asked),
      switchAt: async (name) => fileSwitch(name),
    });
    return { on: 'file', file: config.file, notes: [...notes, ...imagined.notes, ...more], packets };
  } catch (error) {
    if (error instanceof PacketWordsError || error instanceof TraceError) throw new UnusableError(error.message);
    throw error;
  }
}
