/** The pipeline as a file would have it, where no Flowloom runs: the file's apps, rehearsed on each of its bridges. */

import type { PipelineMap } from '../api/pipeline.ts';
import { createAppHost } from '../app/host.ts';
import { rehearse } from '../app/rehearse.ts';
import type { Config } from '../config/model.ts';
import { formatProblems } from '../config/problem.ts';
import { namespaceOf } from '../flow/namespace.ts';
import { requestApps } from './load-apps.ts';
import { pipelineMap, type WovenSwitch } from './pipeline.ts';
import { flowBridges } from './plan.ts';
import { portsOfNewBridge } from './plan-ports.ts';
import { UnusableError } from './unusable.ts';

export interface PipelineOfFile {
  map: PipelineMap;
  /** What it does not show, one line each: apps that threw on a bridge. */
  unknown: string[];
}

/** Throws UnusableError with what is wrong in the file. */
export async function pipelineOfFile(config: Config): Promise<PipelineOfFile> {
  const host = createAppHost({ namespace: namespaceOf(config.owner) });
  const { requests, problems } = await requestApps(config, []);
  if (problems.length === 0) problems.push(...host.load(requests));
  if (problems.length > 0) throw new UnusableError(formatProblems(problems).trimEnd());
  const rehearsing = host.copy();
  const unknown: string[] = [];
  const switches = flowBridges(config).map((at): WovenSwitch => {
    const name = `${at.host}/${at.bridge}`;
    const { ports } = portsOfNewBridge(at, [], config);
    const shadow = { dpid: '0'.repeat(16), name, ...at, ports, flows: new Map() };
    const { woven, failed } = rehearse(rehearsing, shadow, config);
    for (const [app, error] of failed) {
      const shown = 'shown are the tables and fields of its definition, without what it puts there';
      unknown.push(`${name}: app ${app} failed, ${shown}: ${error}`);
    }
    return { name, woven };
  });
  return { map: pipelineMap(rehearsing, switches), unknown };
}
