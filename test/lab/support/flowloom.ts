// Flowloom as a user runs it, on the lab's control machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetworkPlan } from '../../../src/api/network-plan.ts';
import type { FlowStatus, Snapshot } from '../../../src/api/snapshot.ts';
import { check, expect } from './check.ts';
import { type Daemon, outputOf, startDaemon, stopDaemon, untilSaid } from './daemon.ts';
import { inside, type Lab, type Namespace } from './lab.ts';
import { signal } from './process.ts';
import { until } from './wait.ts';

export interface Flowloom {
  lab: Lab;
  control: Namespace;
  /** The lab's copy of its flowloom.yaml. */
  file: string;
  /** Leads to its HTTP port from outside its namespace. */
  socket: string;
  /** Switches that are to come up: `hv1/br0`. */
  switches: string[];
  daemon: Daemon;
}

/** FLOWLOOM_LAB_PROGRAM: another build of it, for instance the published package's bin/flowloom.js. */
const program = process.env.FLOWLOOM_LAB_PROGRAM ?? fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const relay = fileURLToPath(new URL('./relay.ts', import.meta.url));

/** Starts it on the lab's flowloom.yaml; returns when hosts and switches are as the file says. */
export async function startFlowloom(lab: Lab, switches: string[], text = labFile(lab)): Promise<Flowloom> {
  const control = lab.namespaces.get('ctl');
  if (control === undefined) throw new Error('startControl comes first');
  const file = join(lab.folder, 'flowloom.yaml');
  writeFileSync(file, text);
  const socket = await startRelay(lab, control);
  const flowloom = { lab, control, file, socket, switches, daemon: launch(lab, control, file) };
  await untilUp(flowloom);
  await checkPlan(flowloom, 'once it is up');
  return flowloom;
}

/** A learning switch for whatever connects: `flowloom run`. */
export async function startWithoutFile(lab: Lab, control: Namespace): Promise<Flowloom> {
  const socket = await startRelay(lab, control);
  const daemon = startDaemon(lab, 'flowloom', control, [process.execPath, program, 'run', '--ovsdb', 'none']);
  const flowloom = { lab, control, file: '', socket, switches: [], daemon };
  await untilUp(flowloom);
  return flowloom;
}

async function startRelay(lab: Lab, control: Namespace): Promise<string> {
  const socket = join(lab.folder, 'http.sock');
  const relayed = startDaemon(lab, 'relay', control, [process.execPath, relay, socket, '127.0.0.1', '8080']);
  await untilSaid(relayed, /listening/);
  return socket;
}

/** `flowloom plan` finds nothing to change: of the file as a user has it, and of the one in force. */
export function checkPlan(flowloom: Flowloom, when: string): Promise<void> {
  const { lab, file } = flowloom;
  return check(lab, `\`plan\` says ${when} that nothing would change`, async () => {
    // Until then hosts may still tell what flows follow from, as the MTU.
    await until('nothing would change', async () => {
      const said = await flowloomCommand(flowloom, 'plan', file);
      if (!said.startsWith('nothing would change')) throw new Error(said);
      const { hosts, switches, unknown } = await planInForce(flowloom);
      const changes = [...hosts.map((each) => each.changes), ...switches.flatMap((each) => [each.flows, each.groups])];
      const none = unknown.length === 0 && changes.every(({ length }) => length === 0);
      expect(none && switches.length > 0, 'but not of the file in force', () =>
        JSON.stringify({ hosts, switches, unknown }),
      );
      return true;
    });
  });
}

/** What the file in force would change. */
export async function planInForce(flowloom: Flowloom): Promise<NetworkPlan> {
  return (await ask(flowloom, '/api/v1/plan')) as NetworkPlan;
}

/** The lab's file with `${run}` as the folder of this run. */
export function labFile(lab: Lab): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the file's own placeholder.
  return readFileSync(join(lab.source, 'flowloom.yaml'), 'utf8').replaceAll('${run}', lab.folder);
}

function launch(lab: Lab, control: Namespace, file: string): Daemon {
  const listen = ['--openflow', 'ptcp:6653', '--ovsdb', 'ptcp:6640', '--http', '127.0.0.1:8080'];
  const words = [process.execPath, program, 'run', file, ...listen, '--state', join(lab.folder, 'state')];
  return startDaemon(lab, 'flowloom', control, words);
}

export async function stopFlowloom(flowloom: Flowloom): Promise<void> {
  const code = await stopDaemon(flowloom.daemon);
  if (code !== 0) throw new Error(`Flowloom ended with ${code} instead of 0 on SIGTERM:\n${lastOf(flowloom)}`);
}

export async function startAgain(flowloom: Flowloom): Promise<void> {
  flowloom.daemon = launch(flowloom.lab, flowloom.control, flowloom.file);
  await untilUp(flowloom);
}

/** Writes a new file and asks Flowloom to read it. */
export function reload(flowloom: Flowloom, text: string): void {
  writeFileSync(flowloom.file, text);
  signal(flowloom.daemon.identity, 'SIGHUP');
}

async function untilUp(flowloom: Flowloom): Promise<void> {
  let last: Snapshot | undefined;
  const up = async () => {
    if (flowloom.daemon.ended() !== undefined) return 'ended' as const;
    last = await status(flowloom);
    const connected = last.hosts.every((host) => host.state === 'connected' && host.error === null);
    const found = last.switches.filter((one) => one.state === 'up').map((one) => one.name);
    return connected && flowloom.switches.every((name) => found.includes(name)) && 'up';
  };
  const state = await until('Flowloom is up', up, 20).catch((error: Error) => {
    const found = last === undefined ? 'no status' : JSON.stringify({ hosts: last.hosts, switches: last.switches });
    throw new Error(`${error.message}\nstatus: ${found.slice(0, 3000)}\nlog:\n${lastOf(flowloom)}`);
  });
  if (state === 'ended') throw new Error(`Flowloom ended at its start:\n${lastOf(flowloom)}`);
}

function lastOf(flowloom: Flowloom): string {
  return outputOf(flowloom.daemon).split('\n').slice(-25).join('\n');
}

export async function status(flowloom: Flowloom): Promise<Snapshot> {
  return (await ask(flowloom, '/api/v1/status')) as Snapshot;
}

export async function flowStatus(flowloom: Flowloom, dpid: string): Promise<FlowStatus[]> {
  return (await ask(flowloom, `/api/v1/switches/${dpid}/flows`)) as FlowStatus[];
}

/** What a command of Flowloom's prints, run beside it. */
export function flowloomCommand(flowloom: Flowloom, ...words: string[]): Promise<string> {
  return inside(flowloom.control, [process.execPath, program, ...words]);
}

/** GET, as JSON. */
export function ask(flowloom: Flowloom, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: flowloom.socket, path, headers: { host: '127.0.0.1:8080' }, agent: false };
    const request = get({ ...options, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`GET ${path}: ${response.statusCode} ${text.slice(0, 500)}`));
        else resolve(JSON.parse(text));
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`GET ${path}: no answer within 5 s`)));
    request.on('error', reject);
  });
}
