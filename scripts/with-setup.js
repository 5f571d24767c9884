// Sets up what a fresh clone lacks, then runs a command in it: `node scripts/with-setup.js lab|test|bench|run -- CMD ARGS…`.
// Plain JavaScript for Node 12.20 and later: it is what fetches the Node that the rest needs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackages } from './setup/debian.js';
import { newEnoughNode } from './setup/node.js';
import { npmPackages } from './setup/npm.js';
import { dashboardPage } from './setup/page.js';
import { Refusal } from './setup/refusal.js';
import { unpackedPackages } from './setup/unpacked.js';

const USAGE = 'usage: node scripts/with-setup.js lab|test|bench|run -- COMMAND [ARGUMENT…]';
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the two commands drive; the first is what is looked for, the second Debian's package of it. */
const LAB_PROGRAMS = [
  ['ovs-vswitchd', 'openvswitch-switch'],
  ['ovs-ofctl', 'openvswitch-common'],
  ['ip', 'iproute2'],
  ['ping', 'iputils-ping'],
  ['traceroute', 'traceroute'],
  ['curl', 'curl'],
  ['tcpdump', 'tcpdump'],
  ['ethtool', 'ethtool'],
  ['sysctl', 'procps'],
  ['mn', 'mininet'],
  ['busybox', 'busybox'],
  ['unshare', 'util-linux'],
  ['mount', 'mount'],
];
const TEST_PROGRAMS = LAB_PROGRAMS.concat([
  ['chromium', 'chromium'],
  ['osken', 'python3-os-ken'],
  ['tshark', 'tshark'],
  ['nft', 'nftables'],
]);
const BENCH_PROGRAMS = [
  ['ovs-vswitchd', 'openvswitch-switch'],
  ['ovs-ofctl', 'openvswitch-common'],
  ['ip', 'iproute2'],
  ['ethtool', 'ethtool'],
  ['iperf3', 'iperf3'],
  ['osken-manager', 'python3-os-ken'],
];
const PROGRAMS = { run: [], lab: LAB_PROGRAMS, test: TEST_PROGRAMS, bench: BENCH_PROGRAMS };
/** Peers of benchmarks, which the tests run, too. */
const PEERS = [['ovs-testcontroller', 'openvswitch-testcontroller']];
const UNPACKED = { run: [], lab: [], test: PEERS, bench: PEERS };

function tell(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function setUp(purpose) {
  const sbin = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
  const path = (process.env.PATH || '/usr/local/bin:/usr/bin:/bin').split(':');
  const machine = path.concat(sbin.filter((folder) => path.indexOf(folder) < 0));
  if (purpose !== 'run' && process.platform !== 'linux') {
    throw new Refusal(`this needs Linux, for Open vSwitch and network namespaces; here is ${process.platform}`);
  }
  if ((purpose === 'lab' || purpose === 'test') && process.getuid() !== 0) {
    throw new Refusal(
      `npm ${purpose === 'lab' ? 'run lab' : 'test'} must be run as root: it makes network namespaces and starts Open vSwitch in them`,
      `sudo npm ${purpose === 'lab' ? 'run lab' : 'test'}`,
    );
  }
  const nodeFolder = newEnoughNode(root, tell);
  npmPackages(root, tell);
  debianPackages(PROGRAMS[purpose], machine, tell);
  const peers = unpackedPackages(UNPACKED[purpose], root, machine, tell);
  const env = Object.assign({}, process.env, {
    PATH: [nodeFolder, join(root, 'node_modules', '.bin')].concat(machine, peers).join(':'),
  });
  dashboardPage(root, env, tell);
  return env;
}

function run(command, env) {
  const child = spawn(command[0], command.slice(1), { stdio: 'inherit', env: env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  // npm does not hand on a signal that was sent to it alone: when it is gone, so is who waits for this.
  if (process.env.npm_lifecycle_event) {
    const before = callers();
    setInterval(() => {
      if (callers() !== before) child.kill('SIGTERM');
    }, 1000).unref();
  }
  child.on('error', (error) => {
    process.stderr.write(`${command[0]} could not be started: ${error.message}\n`);
    process.exitCode = 127;
  });
  child.on('exit', (code, signal) => {
    const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
    process.exitCode = code === null ? 128 + (numbers[signal] || 1) : code;
  });
}

/** npm starts a shell, which starts this, or becomes it. */
function callers() {
  const { ppid } = process;
  try {
    // proc(5): the name, in brackets, may hold anything; the parent is the second field behind it.
    const [, name, rest] = /^\d+ \((.*)\) (.*)/s.exec(readFileSync(`/proc/${ppid}/stat`, 'latin1'));
    return /^(ba|da|a|k|z)?sh$/.test(name) ? `${ppid} ${rest.split(' ')[1]}` : `${ppid}`;
  } catch (_) {
    return `${ppid}`;
  }
}

const purpose = process.argv[2];
const command = process.argv.slice(4);
if (Object.keys(PROGRAMS).indexOf(purpose) < 0 || process.argv[3] !== '--' || command.length === 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  try {
    run(command, setUp(purpose));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`\n${error.message}\n${error.remedy === undefined ? '' : `  → ${error.remedy}\n`}`);
    process.exitCode = 2;
  }
}
