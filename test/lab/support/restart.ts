// The check that every lab ends with: a second start of Flowloom finds everything as it should be, and nobody notices it.
import { type Capture, keepCapture, openFlowMessages, startCapture, stopCapture } from './capture.ts';
import { check, expect } from './check.ts';
import { type Flowloom, startAgain, status, stopFlowloom } from './flowloom.ts';
import { dumpFlows, timeless } from './flows.ts';
import type { OpenVSwitch } from './host.ts';
import type { Lab, Namespace } from './lab.ts';
import { startPing, stopPing } from './traffic.ts';

const CHANGES = /OFPT_(FLOW_MOD|GROUP_MOD|METER_MOD|TABLE_MOD)|(OFPT|ONFT|ONF|OFPT)_?BUNDLE|FLOW_MOD \(/;

/** Records the OpenFlow messages between Flowloom and its switches; to be started before Flowloom. */
export function recordOpenFlow(lab: Lab): Promise<Capture> {
  const control = lab.namespaces.get('ctl');
  if (control === undefined) throw new Error('startControl comes first');
  return startCapture(lab, control, 'mgmt', 'tcp port 6653');
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
  await stopCapture(recording);
  keepCapture(recording, `${lab.name}.pcap`);
  const first = await openFlowMessages(recording);
  await check(lab, 'the first start sent flow-mods over OpenFlow 1.4 (so the next check can see them)', async () => {
    expect(/FLOW_MOD/.test(first), 'no flow-mod in the recording', () => first.slice(0, 2000));
    expect(/HELLO \(OF1\.[4-9]\)/.test(first), 'no hello in the recording', () => first.slice(0, 2000));
  });

  const before = await dumpAll(bridges);
  const pings = await startPing(lab, from, to, 0.05);
  await stopFlowloom(flowloom);
  const again = await recordOpenFlow(lab);
  await startAgain(flowloom);
  await check(lab, 'a second start of Flowloom sends no flow-mod', async () => {
    const { sent, hosts } = await status(flowloom);
    expect(sent.flowMods === 0 && sent.groupMods === 0 && sent.bundles === 0, `sent: ${JSON.stringify(sent)}`);
    for (const host of hosts) {
      expect(host.changes.length === 0, `written to ${host.name}'s database: ${host.changes.join('; ')}`);
    }
    await stopCapture(again);
    const messages = await openFlowMessages(again);
    expect(/FEATURES_REPLY/.test(messages), 'the recording is empty', () => messages.slice(0, 2000));
    const changes = messages.split('\n').filter((line) => CHANGES.test(line));
    expect(changes.length === 0, 'on the wire:', () => changes.slice(0, 20).join('\n'));
    const after = await dumpAll(bridges);
    expect(after === before, 'the flows are not those of before', () => `${before}\n-- now --\n${after}`);
  });
  await check(lab, 'no ping was lost from before the stop until after the second start', () => stopPing(pings));
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
