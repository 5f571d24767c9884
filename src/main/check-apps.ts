/** What is wrong with the apps that a file names, found where no Flowloom runs: they are loaded, and nothing is begun. */

import { checkConfig } from '../app/app-request.ts';
import { createAppHost } from '../app/host.ts';
import type { Config } from '../config/model.ts';
import type { Problem } from '../config/problem.ts';
import { namespaceOf } from '../flow/namespace.ts';
import { requestApps } from './load-apps.ts';

export async function checkApps(config: Config): Promise<Problem[]> {
  const { requests, problems } = await requestApps(config, []);
  for (const request of requests) checkConfig(request, problems);
  if (problems.length > 0) return problems;
  return createAppHost({ namespace: namespaceOf(config.owner) }).load(requests);
}
