/** Notes what frames do in a lab, and puts it into words: the hops from switch to switch, each table by table. */

import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import { ownerOf } from '../control/whose.ts';
import { flowIdentity } from '../flow/flow-bytes.ts';
import { describePacket } from '../packet/describe.ts';
import type { FlowEntry } from '../sim/table/flow-entry.ts';
import { recordWay, type WayEntry } from '../sim/way/way.ts';
import { formatWay } from '../sim/way/way-text.ts';
import type { AppPacketIn, LeftFrame } from './delivery.ts';
import type { Guest } from './guest.ts';
import type { LabSwitch, NetworkRecorder } from './lab-network.ts';

export interface Recorder extends NetworkRecorder {
  packetIn(app: string, switchName: string, frame: Uint8Array): void;
  logged(text: string): void;
  readonly recorded: Recorded;
}

export interface Recorded {
  left: LeftFrame[];
  packetIns: AppPacketIn[];
  /** Ports where it was lost. */
  lost: string[];
  /** Of guests, to be sent when all is at rest. */
  answers: { guest: Guest; frame: Uint8Array }[];
  /** In words. */
  way(): string;
}

type Step =
  | { type: 'hop'; at: LabSwitch; from: string; frame: Uint8Array; entries: readonly WayEntry[] }
  | { type: 'line'; text: string };

/** Of a long time with many frames the beginning says enough. */
const MOST_STEPS = 500;

export interface RecorderParts {
  /** The controller's, as it is now. */
  host(): AppHost;
  site(dpid: string): SwitchSite | undefined;
  guestAt(place: string): Guest | undefined;
}

export function createRecorder({ host, site, guestAt }: RecorderParts): Recorder {
  const steps: Step[] = [];
  /** Why flows are there, as it was when a packet met them. */
  const reasons = new Map<FlowEntry, string>();
  const recorded: Recorded = {
    left: [],
    packetIns: [],
    lost: [],
    answers: [],
    way: () => wayText(steps, reasons, host()),
  };

  function note(step: Step): void {
    if (steps.length < MOST_STEPS) steps.push(step);
    else if (steps.length === MOST_STEPS) steps.push({ type: 'line', text: '… and so on' });
  }

  return {
    recorded,
    enters(at, from, frame) {
      const watcher = recordWay();
      note({ type: 'hop', at, from, frame, entries: watcher.entries });
      return {
        ...watcher,
        table(tableId, inPort, flow, isMiss) {
          if (flow !== undefined && !reasons.has(flow)) reasons.set(flow, reasonOf(flow, host(), site(at.dpid)));
          watcher.table(tableId, inPort, flow, isMiss);
        },
      };
    },
    left(at, isLocal, frame) {
      const guest = guestAt(at);
      const { taken = false, answer } = guest?.hear(frame) ?? {};
      recorded.left.push({ at, isLocal, guest: guest?.name, taken, frame });
      if (guest !== undefined && answer !== undefined) recorded.answers.push({ guest, frame: answer });
    },
    lost(at) {
      recorded.lost.push(at);
      note({ type: 'line', text: `it is lost at ${at}, which is cut` });
    },
    packetIn(app, switchName, frame) {
      recorded.packetIns.push({ app, switch: switchName, frame });
      note({ type: 'line', text: `the app ${app} gets it` });
    },
    logged: (text) => note({ type: 'line', text: `the log: ${text}` }),
  };
}

/** `no-telnet: TCP port 23 is not used here (flowloom.yaml:4)` */
function reasonOf(flow: FlowEntry, host: AppHost, site: SwitchSite | undefined): string {
  const { cookie, tableId, priority, match } = flow;
  if (site === undefined) return '';
  const { app, intent, source } = ownerOf(host, site, { cookie, identity: flowIdentity({ tableId, priority, match }) });
  if (app === null) return 'nobody’s flow';
  return [app, ...(intent === null ? [] : [intent])].join(': ') + (source === null ? '' : ` (${source})`);
}

function wayText(steps: readonly Step[], reasons: ReadonlyMap<FlowEntry, string>, host: AppHost): string {
  const lines = steps.flatMap((step) => {
    if (step.type === 'line') return [step.text];
    const { at, from, frame, entries } = step;
    const names = {
      table: (tableId: number) => host.plan.name(tableId),
      flow: (flow: FlowEntry) => reasons.get(flow) || undefined,
      port: at.portName,
    };
    return [`${at.name}, from ${from}: ${describePacket(frame)}`, ...formatWay(entries, names)];
  });
  return lines.map((line) => `  ${line}`).join('\n');
}
