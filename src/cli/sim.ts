/** `flowloom sim`: simulated switches with stations that talk, as a load on any controller over TCP. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { startLoad } from '../sim/load/load.ts';
import { counted } from '../text/counted.ts';
import { type ActiveTarget, formatTarget, parseActiveTarget, TargetError } from '../transport/target.ts';
import { createLoadReporter } from './load-report.ts';

interface SimFlags {
  switches: number;
  ports: number;
  flows: number;
  churn: number;
  controller: ActiveTarget;
  dpid: bigint;
  seconds?: number;
  json?: boolean;
}

const CONTROLLER = 'tcp:127.0.0.1:6653';
const OPENFLOW_PORT = 6653;
const MOST_SWITCHES = 0x1_0000;
/** Numbers above are reserved, in 16 bits. */
const MOST_PORTS = 0xfeff;
const MOST_FLOWS = 1_000_000;
const SECOND = 1000;

const SIM_HELP = `
Each switch is a simulated Open vSwitch of its own, with a station at each port. A conversation is a request each second
from one station to another and its answer, in UDP and TCP by turns. Of conversations that end with --churn, others take the
place, each with a station that was never seen before. Frames take their way through the flows that the controller has put
into the switch; what misses goes to the controller, and what it answers is carried out. Stations begin once their switch has
a flow. Nothing is sent to anybody but that controller.

A line each second:
  connected         switches that have said hello, of all
  flows             that stand, in all switches
  …/s               messages to (packet-ins) and from the controller, flow-mods in bundles included
  delivered/s, lost packets that their station got, and those that it did not get within a second
  p50, p99          milliseconds from a packet-in until its packet is delivered

Exit code 1 where switches are not connected at the end, or none can be at the start.

Examples:
  flowloom sim --switches 10 --flows 20 --churn 5
  flowloom sim --switches 1000 --controller tcp:192.0.2.7:6653 --seconds 60 --json
`;

async function runSim(flags: SimFlags): Promise<number> {
  const { switches, ports, flows, churn, controller, dpid } = flags;
  const problem = problemOf(flags);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 2;
  }
  const load = startLoad({ target: controller, switches, ports, flows, churn, dpid });
  const reporter = createLoadReporter(load, switches, flags.json === true);
  await new Promise<void>((resolve) => {
    const end = () => {
      clearInterval(timer);
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      resolve();
    };
    const timer = setInterval(() => {
      if (load.isHopeless()) end();
      else {
        reporter.line();
        if (Math.round(reporter.seconds()) >= (flags.seconds ?? Number.POSITIVE_INFINITY)) end();
      }
    }, SECOND);
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  const unconnected = load.unconnected();
  if (!load.isHopeless()) reporter.summary();
  load.close();
  const todo = load.isHopeless() ? 'start a controller first, or name another with --controller: ' : '';
  for (const [reason, count] of unconnected) {
    const who = `${count} of ${counted(switches, 'switch', 'switches')} not connected to ${formatTarget(controller)}`;
    process.stderr.write(`${todo}${who}: ${reason === '' ? 'no answer yet' : reason}\n`);
  }
  return unconnected.size === 0 ? 0 : 1;
}

/** What no single option can tell. */
function problemOf({ switches, ports, flows, churn, dpid }: SimFlags): string | undefined {
  if (flows > 0 && ports < 2) return 'stations talk from port to port: give --ports 2 or more, or no --flows';
  if (churn > 0 && flows === 0) return '--churn is of conversations: give --flows, too';
  const last = dpid + BigInt(switches) - 1n;
  return last > LAST_DPID ? `the last switch would have the number ${last}: numbers have 64 bits` : undefined;
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value < least || value > most) throw new InvalidArgumentError(`give a number from ${least} to ${most}.`);
    return value;
  };
}

function rate(text: string): number {
  const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > MOST_FLOWS) throw new InvalidArgumentError(`give a number from 0 to ${MOST_FLOWS}.`);
  return value;
}

const LAST_DPID = 0xffff_ffff_ffff_ffffn;

function datapathId(text: string): bigint {
  const value = /^(\d{1,20}|0x[\da-f]{1,16})$/i.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > LAST_DPID) throw new InvalidArgumentError('give a number from 1 that 64 bits hold.');
  return value;
}

function target(text: string): ActiveTarget {
  try {
    return parseActiveTarget(text, { defaultPort: OPENFLOW_PORT });
  } catch (error) {
    if (error instanceof TargetError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}

export function addSim(program: Command): void {
  program
    .command('sim')
    .description('simulated switches with stations that talk, as a load on any controller over TCP')
    .requiredOption('--switches <n>', 'how many', whole(1, MOST_SWITCHES))
    .option('--ports <p>', 'of each switch, with a station at each', whole(1, MOST_PORTS), 4)
    .option('--flows <f>', 'conversations at a time on each switch', whole(0, MOST_FLOWS), 0)
    .option('--churn <r>', 'conversations of each switch that end in a second; as many begin', rate, 0)
    .addOption(
      new Option('--controller <target>', 'tcp:ADDRESS[:PORT] or unix:PATH')
        .argParser(target)
        .default(target(CONTROLLER), CONTROLLER),
    )
    .addOption(
      new Option('--dpid <first>', 'number of the first switch, the others follow; 0x… in hex')
        .argParser(datapathId)
        .default(1n, '1'),
    )
    .option('--seconds <s>', 'ends by itself after so many; without it: when it is interrupted', whole(1, 999_999_999))
    .option('--json', 'each line as JSON, the last one {"summary":…}')
    .addHelpText('after', SIM_HELP)
    .action(async (flags: SimFlags) => {
      process.exitCode = await runSim(flags);
    });
}
