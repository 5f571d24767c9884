/** The command `flowloom`: the one file that wires everything. */

import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Command, CommanderError } from 'commander';
import { runCheck } from './cli/check.ts';
import { DECODE_HELP, runDecode } from './cli/decode.ts';
import { ENCODE_HELP, runEncode } from './cli/encode.ts';
import { runFlows } from './cli/flows.ts';
import { runPlan } from './cli/plan.ts';
import { runStatus } from './cli/status.ts';
import { type Controller, runController, UnusableError } from './main/controller.ts';
import { findUpwards } from './main/find-upwards.ts';
import { planWithoutController } from './main/plan-without-controller.ts';
import { resolveFlowloom } from './main/resolve-flowloom.ts';
import { createLog } from './telemetry/log.ts';

const packageFile = findUpwards('package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

interface RunFlags {
  openflow: string;
  ovsdb: string;
  http: string;
  app: string[];
  watch?: boolean;
}

async function run(file: string | undefined, flags: RunFlags): Promise<void> {
  resolveFlowloom();
  const log = createLog();
  log.info(`Flowloom ${version}${file === undefined ? ', a learning switch for whatever connects' : `, ${file}`}`);
  let controller: Controller | undefined;
  // Before anything is awaited: a SIGHUP that nobody takes ends the process.
  process.on('SIGHUP', () => void controller?.reload());
  controller = await runController({
    file,
    openflow: flags.openflow,
    ovsdb: flags.ovsdb,
    http: flags.http,
    apps: flags.app,
    token: process.env.FLOWLOOM_TOKEN,
    page: `${dirname(packageFile)}/apps/dashboard/web/dist`,
    version,
    log,
  });
  if (flags.watch === true && file !== undefined) watchFile(file, () => void controller?.reload());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info(`${signal}: Flowloom ends; flows and configuration stay and forward`);
      void controller?.stop().then(() => process.exit(0));
    });
  }
}

/** The folder is watched, not the file: editors replace it. Half a second of quiet is one change. */
function watchFile(file: string, changed: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  watch(dirname(file), (_event, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, 500);
  });
}

const API = 'http://127.0.0.1:8080';
const collect = (value: string, values: string[]) => [...values, value];

const program = new Command('flowloom')
  .description('An OpenFlow 1.4 SDN controller for Open vSwitch')
  .version(version)
  .exitOverride()
  .showHelpAfterError();

program
  .command('run')
  .description('run the controller; without FILE it is a learning switch for whatever connects')
  .argument('[FILE]', 'the network; it is applied and kept so')
  .option('--openflow <target>', 'where switches connect, ptcp:PORT[:ADDRESS] or none', 'ptcp:6653')
  .option('--ovsdb <target>', 'where hosts dial in, ptcp:PORT[:ADDRESS] or none', 'ptcp:6640')
  .option('--http <address>', 'dashboard and API, HOST:PORT or none', '127.0.0.1:8080')
  .option('--state <dir>', 'folder for what must outlive the process; this version keeps nothing')
  .option('--app <path>', 'an app beside those of the file; may be given several times', collect, [])
  .option('--watch', 'read FILE again when it changes (SIGHUP does so too)')
  .action(run);

program
  .command('check')
  .description('say what is wrong with FILE, or print it with every default filled in')
  .argument('<FILE>')
  .option('--json', 'as JSON')
  .action((file: string, flags: { json?: boolean }) => {
    process.exitCode = runCheck(file, { json: flags.json === true });
  });

program
  .command('plan')
  .description('say what would change if FILE were applied, or what differs from the file in force; changes nothing')
  .argument('[FILE]', 'the network; without it: the file in force')
  .option('--api <url>', 'of the Flowloom that runs; where none does, the hosts of FILE are read directly', API)
  .option('--json', 'as JSON')
  .action(async (file: string | undefined, flags: { api: string; json?: boolean }, command: Command) => {
    resolveFlowloom();
    const options = {
      api: flags.api,
      apiGiven: command.getOptionValueSource('api') !== 'default',
      json: flags.json === true,
      token: process.env.FLOWLOOM_TOKEN,
    };
    process.exitCode = await runPlan(file, options, planWithoutController);
  });

for (const [name, description, action] of [
  ['status', 'hosts, switches, segments and apps of the Flowloom that runs', runStatus],
  ['flows', 'every flow: whose it is, why it is there, what it counted', runFlows],
] as const) {
  program
    .command(name)
    .description(description)
    .option('--api <url>', 'of the Flowloom that runs', API)
    .option('--json', 'as JSON')
    .action(async (flags: { api: string; json?: boolean }) => {
      process.exitCode = await action({
        api: flags.api,
        json: flags.json === true,
        token: process.env.FLOWLOOM_TOKEN,
      });
    });
}

for (const [name, description, help, action] of [
  ['decode', 'OpenFlow messages in hex from standard input, a line each, as lines of JSON', DECODE_HELP, runDecode],
  ['encode', 'messages in JSON from standard input, a line each, as lines of hex', ENCODE_HELP, runEncode],
] as const) {
  program
    .command(name)
    .description(description)
    .addHelpText('after', help)
    .action(async () => {
      process.exitCode = await action();
    });
}

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
