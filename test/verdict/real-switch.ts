/** A bridge of a real ovs-vswitchd on its dummy datapath as a switch under test, and as what ofproto/trace says of it. */

import { connect } from 'node:net';
import { join } from 'node:path';
import { hexText } from '../../proto/wire/address.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import { openCaptureTail } from './capture-tail.ts';
import { parseTrace, type Trace } from './ofproto-trace.ts';
import {
  createSwitchUnderTest,
  DATAPATH_ID,
  LOCAL,
  PORTS,
  type SwitchUnderTest,
  type Wired,
} from './switch-under-test.ts';
import { openUnixctl } from './unixctl.ts';

export interface RealSwitch extends SwitchUnderTest {
  /**
   * What ofproto/trace says of a frame; it changes nothing but what `learn` and NORMAL learn. `states`: of the connection, for each pass behind a `ct`
   * that goes on in a table, in order: `trk,est`.
   */
  trace(port: number, frame: Uint8Array, states?: readonly string[]): Promise<Trace>;
  /** Whether it still runs: some cases make Open vSwitch abort. */
  readonly alive: boolean;
  vsctl(...words: string[]): Promise<string>;
  /** Any command of ovs-appctl. */
  appctl(command: string, ...words: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Bridge br0 with dummy ports p1 …; time stands still in it. `vlanLimit`: tags that are read; 1 is what it does unasked. */
export async function startRealSwitch(vlanLimit = 1): Promise<RealSwitch> {
  const ovs = await startOvsdbServer();
  const captureOf = (name: string) => join(ovs.folder, `${name}.pcap`);
  try {
    await ovs.startSwitch();
    const hex = DATAPATH_ID.toString(16).padStart(16, '0');
    await ovs.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...['protocols=OpenFlow14', `other_config:datapath-id=${hex}`],
      ...['--', 'set', 'Open_vSwitch', '.', `other_config:vlan-limit=${vlanLimit}`],
      ...['--', 'set', 'interface', 'br0', `options:tx_pcap=${captureOf('br0')}`],
      ...PORTS.flatMap((n) => [
        ...['--', 'add-port', 'br0', `p${n}`, '--', 'set', 'interface', `p${n}`, 'type=dummy'],
        ...[`ofport_request=${n}`, `options:tx_pcap=${captureOf(`p${n}`)}`],
      ]),
    );
    const control = await openUnixctl(join(ovs.folder, 'sw.ctl'));
    await control.call('time/stop');
    const captures = [...PORTS, LOCAL].map((port) => ({
      port,
      tail: openCaptureTail(captureOf(port === LOCAL ? 'br0' : `p${port}`)),
    }));
    const socket = connect(join(ovs.folder, 'br0.mgmt'));
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const left = () => {
      const frames: Record<number, string[]> = {};
      for (const { port, tail } of captures) {
        const some = tail.read();
        if (some.length > 0) frames[port] = some.map(hexText);
      }
      return frames;
    };
    const wired: Wired = createSwitchUnderTest({
      write: (bytes) => void socket.write(bytes),
      async inject(port, frame) {
        // Without this a flow of the datapath, made of an earlier packet, would answer: the verdict would not be looked for.
        const name = port === LOCAL ? 'br0' : `p${port}`;
        const purged = control.call('revalidator/purge');
        await Promise.all([purged, control.call('netdev-dummy/receive', name, hexText(frame))]);
      },
      left,
      async clear() {
        const commands = [['revalidator/purge'], ['dpctl/flush-conntrack'], ['fdb/flush', 'br0']] as const;
        await Promise.all(commands.map(([command, ...words]) => control.call(command, ...words)));
      },
      settle: async () => void (await control.call('revalidator/purge')),
    });
    socket.on('data', wired.take);
    let alive = true;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      alive = false;
      wired.ended();
    });
    await wired.greet();
    return {
      ...wired,
      get alive() {
        return alive;
      },
      appctl: control.call,
      vsctl: ovs.vsctl,
      async trace(port, frame, states = []) {
        const next = states.flatMap((state) => ['--ct-next', state]);
        const where = `in_port=${port === LOCAL ? 'LOCAL' : port}`;
        const text = await control.call('ofproto/trace', 'br0', where, hexText(frame), ...next);
        // Open vSwitch 3.1 really sends what it traces to the controller, and through check_pkt_larger.
        await wired.forget();
        return parseTrace(text);
      },
      async stop() {
        socket.destroy();
        control.close();
        for (const { tail } of captures) tail.close();
        await ovs.stop();
      },
    };
  } catch (error) {
    await ovs.stop();
    throw error;
  }
}
