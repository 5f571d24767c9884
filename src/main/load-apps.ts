/** The apps that the file and the command line name, those by path and package imported. */

import type { AppProblem, AppRequest } from '../app/app-request.ts';
import type { Config } from '../config/model.ts';
import { type FindApp, requestApps as requestFoundApps } from '../control/load-apps.ts';
import { createAppCode } from './app-code.ts';

export { builtInApps } from '../control/load-apps.ts';

/** `paths`: what `--app` names, relative to the working directory. */
export function requestApps(
  config: Config | undefined,
  paths: string[],
  find: FindApp = createAppCode().find,
): Promise<{ requests: AppRequest[]; problems: AppProblem[] }> {
  return requestFoundApps(config, paths, find);
}
