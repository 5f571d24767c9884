/** The command `flowloom`: which command was asked for. Each has its own file in `src/cli`; `src/main/` wires. */

import { Command, CommanderError } from 'commander';
import { endWithReader } from './cli/end-with-reader.ts';
import { UnusableError } from './main/unusable.ts';
import { version } from './main/version.ts';

const program = new Command('flowloom')
  .description('An OpenFlow 1.4 SDN controller for Open vSwitch')
  .version(version)
  .exitOverride()
  .showHelpAfterError();

/** In the order of the help. A command's code is loaded where it is asked for: the whole of it takes a second to load. */
const COMMANDS: Record<string, () => Promise<void>> = {
  async run() {
    const { addRun } = await import('./cli/run.ts');
    addRun(program, async (...given) => (await import('./main/run.ts')).run(...given));
  },
  async check() {
    (await import('./cli/check.ts')).addCheck(program, async (config) => {
      await importsOfApps();
      return (await import('./main/check-apps.ts')).checkApps(config);
    });
  },
  async plan() {
    const { addPlan } = await import('./cli/plan.ts');
    addPlan(program, async (config) => {
      await importsOfApps();
      const { planWithoutController } = await import('./main/plan-without-controller.ts');
      return planWithoutController(config);
    });
  },
  async trace() {
    (await import('./cli/trace.ts')).addTrace(program, async (...given) => {
      await importsOfApps();
      return (await import('./main/trace-file.ts')).traceFile(...given);
    });
  },
  async apply() {
    (await import('./cli/apply.ts')).addApply(program);
  },
  async release() {
    const { addRelease } = await import('./cli/release.ts');
    addRelease(program, async (...given) => {
      await importsOfApps();
      return (await import('./main/release-without-controller.ts')).openRelease(...given);
    });
  },
  async status() {
    (await import('./cli/status.ts')).addStatus(program);
  },
  async flows() {
    (await import('./cli/flows.ts')).addFlows(program);
  },
  async top() {
    (await import('./cli/top.ts')).addTop(program);
  },
  async app() {
    const app = (await import('./cli/app.ts')).addApp(program);
    const { addAppMap } = await import('./cli/app-map.ts');
    addAppMap(app, async (config) => {
      await importsOfApps();
      return (await import('./main/pipeline-of-file.ts')).pipelineOfFile(config);
    });
    const builtInApps = async () => (await import('./main/load-apps.ts')).builtInApps();
    (await import('./cli/app-list.ts')).addAppList(app, builtInApps);
    (await import('./cli/app-new.ts')).addAppNew(app, builtInApps);
    const { addAppTest } = await import('./cli/app-test.ts');
    addAppTest(app, async () => (await import('./main/resolve-flowloom.ts')).REGISTER);
  },
  async sim() {
    (await import('./cli/sim.ts')).addSim(program);
  },
  async import() {
    (await import('./cli/import.ts')).addImport(program);
  },
  async decode() {
    (await import('./cli/decode.ts')).addDecode(program);
  },
  async encode() {
    (await import('./cli/encode.ts')).addEncode(program);
  },
};

let loadsApps = false;

/** The apps of a file are loaded in this process, and they import `flowloom`. */
async function importsOfApps(): Promise<void> {
  loadsApps = true;
  (await import('./main/resolve-flowloom.ts')).resolveFlowloom();
}

endWithReader(program);
const asked = process.argv[2] ?? '';
for (const add of Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]] : Object.values(COMMANDS)) await add?.();

try {
  await program.parseAsync();
  // What an app began when it was imported, such as a timer, is not waited for.
  if (loadsApps) process.stdout.write('', () => process.exit());
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
