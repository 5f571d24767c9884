/** The command `flowloom`: the one file that wires everything. Each command has its own in `src/cli`. */

import { Command, CommanderError } from 'commander';
import { addApp } from './cli/app.ts';
import { addAppList } from './cli/app-list.ts';
import { addAppMap } from './cli/app-map.ts';
import { addAppNew } from './cli/app-new.ts';
import { addAppTest } from './cli/app-test.ts';
import { addApply } from './cli/apply.ts';
import { addCheck } from './cli/check.ts';
import { addDecode } from './cli/decode.ts';
import { addEncode } from './cli/encode.ts';
import { endWithReader } from './cli/end-with-reader.ts';
import { addFlows } from './cli/flows.ts';
import { addPlan } from './cli/plan.ts';
import { addRelease } from './cli/release.ts';
import { addRun } from './cli/run.ts';
import { addStatus } from './cli/status.ts';
import { UnusableError } from './main/controller.ts';
import { builtInApps } from './main/load-apps.ts';
import { pipelineOfFile } from './main/pipeline-of-file.ts';
import { planWithoutController } from './main/plan-without-controller.ts';
import { openRelease } from './main/release-without-controller.ts';
import { REGISTER, resolveFlowloom } from './main/resolve-flowloom.ts';
import { run, version } from './main/run.ts';

const program = new Command('flowloom')
  .description('An OpenFlow 1.4 SDN controller for Open vSwitch')
  .version(version)
  .exitOverride()
  .showHelpAfterError();

endWithReader(program);
addRun(program, run);
addCheck(program);
addPlan(program, (config) => {
  // Its apps are loaded here, and they import `flowloom`.
  resolveFlowloom();
  return planWithoutController(config);
});
addApply(program);
addRelease(program, (...given) => {
  resolveFlowloom();
  return openRelease(...given);
});
addStatus(program);
addFlows(program);
const app = addApp(program);
addAppMap(app, (config) => {
  resolveFlowloom();
  return pipelineOfFile(config);
});
addAppList(app, builtInApps);
addAppNew(
  app,
  builtInApps().map(({ name }) => name),
);
addAppTest(app, REGISTER);
addDecode(program);
addEncode(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UnusableError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  } else {
    process.stderr.write(`flowloom: ${(error as Error).message}\n`);
    process.exit(1);
  }
}
