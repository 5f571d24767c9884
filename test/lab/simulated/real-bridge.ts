// A bridge of a real Open vSwitch with devices of its own as a switch under test: frames go in and come out over cables.
import { once } from 'node:events';
import { connect } from 'node:net';
import { encodeMessage } from '../../../proto/openflow/message.ts';
import { createSwitchUnderTest, LOCAL, PORTS, type SwitchUnderTest } from '../../verdict/switch-under-test.ts';
import { appctl, startOpenVSwitch, vsctl } from '../support/host.ts';
import { cable, createNamespace, inside, type Lab } from '../support/lab.ts';
import { openRawStation, type RawStation } from '../support/raw-station.ts';
import { until } from '../support/wait.ts';

/** Of experiments (IEEE 802); a frame of this type goes to everybody, behind all that was sent before it. */
const LAST = `${'ff'.repeat(6)}02000000000988b5${'00'.repeat(46)}`;

export interface RealBridge extends SwitchUnderTest {
  close(): void;
}

export async function startRealBridge(lab: Lab): Promise<RealBridge> {
  const namespace = await createNamespace(lab, 'hv1');
  const host = await startOpenVSwitch(lab, namespace);
  const settings = ['datapath_type=netdev', 'fail_mode=secure', 'protocols=OpenFlow14'];
  await vsctl(host, 'add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings);
  await inside(namespace, ['ip', 'link', 'set', 'br0', 'up']);
  const stations = new Map<number, RawStation>([[LOCAL, await openRawStation(lab, namespace, 'br0')]]);
  for (const port of PORTS) {
    const guest = await createNamespace(lab, `g${port}`);
    await cable(namespace, `p${port}`, guest, 'eth0');
    await vsctl(host, 'add-port', 'br0', `p${port}`, '--', 'set', 'interface', `p${port}`, `ofport_request=${port}`);
    stations.set(port, await openRawStation(lab, guest, 'eth0'));
  }
  const management = connect(`${host.folder}/br0.mgmt`);
  await once(management, 'connect');
  const frames: Record<number, string[]> = {};

  /** Sends the frame and the last one behind it, and waits until that has come to all others. */
  async function inject(port: number, frame: Uint8Array): Promise<void> {
    const from = stations.get(port)!;
    from.send(frame);
    from.send(Buffer.from(LAST, 'hex'));
    await until('the last frame is everywhere', () => {
      for (const [number, station] of stations) frames[number] = [...(frames[number] ?? []), ...station.took()];
      return [...stations.keys()].every((number) => number === port || frames[number]?.includes(LAST));
    });
  }

  const wired = createSwitchUnderTest({
    write: (bytes) => void management.write(bytes),
    inject,
    left() {
      const left: Record<number, string[]> = {};
      for (const [port, all] of Object.entries(frames)) {
        const own = all.filter((frame) => frame !== LAST);
        if (own.length > 0) left[Number(port)] = own;
        delete frames[Number(port)];
      }
      return left;
    },
    async clear() {
      await appctl(host, 'dpctl/flush-conntrack');
      await appctl(host, 'fdb/flush', 'br0');
      management.write(encodeMessage(TO_ALL));
    },
    settle: async () => void (await appctl(host, 'revalidator/purge')),
  });
  management.on('data', wired.take);
  await wired.greet();
  return {
    ...wired,
    // Its own flow is none of the case's.
    flows: async () => (await wired.flows()).filter((line) => !line.includes('dl_type=0x88b5')),
    close() {
      management.destroy();
      for (const station of stations.values()) station.close();
    },
  };
}

const TO_ALL: Parameters<typeof encodeMessage>[0] = {
  type: 'flowMod',
  xid: 0x1000_0000,
  ...{ cookie: 0n, cookieMask: 0n, tableId: 0, command: 'add', idleTimeout: 0, hardTimeout: 0, priority: 0xffff },
  ...{ bufferId: 0xffff_ffff, outPort: 'any', outGroup: 'any', flags: [], importance: 0 },
  match: { ethType: 0x88b5 },
  instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 'all', maxLen: 0 }] }],
};
