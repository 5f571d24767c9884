// The check that every lab ends with: a second start of Flowloom finds everything as it should be, and nobody notices it.
import { fileURLToPath } from 'node:url';
import { type Capture, keepCapture, startFullCapture, stopCapture, untilSeen } from './capture.ts';
import { check, expect } from './check.ts';
import { checkPlan, type Flowloom, startAgain, status, stopFlowloom } from './flowloom.ts';
import { dumpFlows, timeless } from './flows.ts';
import type { OpenVSwitch } from './host.ts';
import { type Lab, type Namespace, tryInside } from './lab.ts';
import { type CapturedMessage, changeOf, readOpenFlow } from './openflow-capture.ts';
import { startPing, stopPing } from './traffic.ts';

const OPENFLOW_14 = 5;
const HELLO = 0;
const FEATURES_REPLY = 6;

/** Records the OpenFlow messages between Flowloom and its switches; to be started before Flowloom. */
export function recordOpenFlow(lab: Lab): Promise<Capture> {
  return startFullCapture(lab, control(lab), 'mgmt', 'port 6653');
}

/** Ends the recording when all that was sent so far is in it. */
async function stopRecording(lab: Lab, recording: Capture): Promise<void> {
  // A datagram to nobody on the same port: what was sent before it comes into the file before it.
  const probe = fileURLToPath(new URL('./udp-probe.ts', import.meta.url));
  await tryInside(control(lab), [process.execPath, probe, '10.250.0.11', '6653', '6653']);
  await untilSeen(recording, /\.6653 > 10\.250\.0\.11\.6653: UDP/);
  await stopCapture(recording);
}

function control(lab: Lab): Namespace {
  const found = lab.namespaces.get('ctl');
  if (found === undefined) throw new Error('startControl comes first');
  return found;
}

export interface SecondStart {
  flowloom: Flowloom;
  /** What was recorded since the first start. */
  recording: Capture;
  /** Bridges under Flowloom's control. */
  bridges: [OpenVSwitch, string][];
  /** Who talks to whom meanwhile. */
  from: Namespace;
  to: string;
}

export async function checkSecondStart(lab: Lab, options: SecondStart): Promise<void> {
  const { flowloom, recording, bridges, from, to } = options;
  await checkPlan(flowloom, 'at the end');
  await stopRecording(lab, recording);
  keepCapture(recording, `${lab.name}.pcap`);
  const first = readOpenFlow(recording.file);
  await check(lab, 'the first start sent flow-mods over OpenFlow 1.4 (so the next check can see them)', async () => {
    expect(
      first.some((message) => changeOf(message) !== undefined),
      `no flow-mod among ${first.length} messages`,
    );
    const others = first.filter((message) => message.version !== OPENFLOW_14 && message.type !== HELLO);
    expect(others.length === 0, 'messages of another version:', () => printed(others));
  });

  const before = await dumpAll(bridges);
  const pings = await startPing(lab, from, to, 0.05);
  await stopFlowloom(flowloom);
  const again = await recordOpenFlow(lab);
  await startAgain(flowloom);
  await check(lab, 'a second start of Flowloom sends no flow-mod', async () => {
    const { sent, hosts } = await status(flowloom);
    expect(
      Object.values(sent).every((count) => count === 0),
      `sent: ${JSON.stringify(sent)}`,
    );
    for (const host of hosts) {
      expect(host.changes.length === 0, `written to ${host.name}'s database: ${host.changes.join('; ')}`);
    }
    await stopRecording(lab, again);
    const messages = readOpenFlow(again.file);
    const answered = messages.filter((message) => message.type === FEATURES_REPLY);
    expect(answered.length >= bridges.length, `${answered.length} switches were asked for their features`);
    const changes = messages.filter((message) => changeOf(message) !== undefined);
    expect(changes.length === 0, 'on the wire:', () => printed(changes));
    const after = await dumpAll(bridges);
    expect(after === before, 'the flows are not those of before', () => `${before}\n-- now --\n${after}`);
  });
  await check(lab, 'no ping was lost from before the stop until after the second start', () => stopPing(pings));
}

function printed(messages: CapturedMessage[]): string {
  const line = (message: CapturedMessage) => {
    const name = changeOf(message) ?? `version ${message.version} type ${message.type}`;
    return `${message.stream}: ${name} (ovs-ofctl ofp-print ${message.bytes.toString('hex')})`;
  };
  return messages.slice(0, 20).map(line).join('\n');
}

async function dumpAll(bridges: [OpenVSwitch, string][]): Promise<string> {
  const dumps = bridges.map(async ([host, bridge]) => {
    const flows = await dumpFlows(host, bridge);
    // What `learn` made comes and goes with the traffic; those are the only flows with a timeout.
    const lasting = flows.filter((flow) => !/(idle|hard)_timeout=/.test(flow.text));
    return [`${host.namespace.name}/${bridge}`, ...lasting.map(timeless).sort()].join('\n');
  });
  return (await Promise.all(dumps)).join('\n');
}
