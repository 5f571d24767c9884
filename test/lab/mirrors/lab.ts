// What a bridge copies, shapes and tells; every setting that there is, on one host.

import { startControl } from '../support/control.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { addGuest } from '../support/guest.ts';
import { type OpenVSwitch, startHost } from '../support/host.ts';
import { cable, createNamespace, inside, type LabDefinition, type Namespace } from '../support/lab.ts';
import { checkQuiet } from '../support/quiet.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { addUnderlay } from '../support/underlay.ts';
import { checkChanges } from './changes.ts';
import { checkLeaving } from './leaving.ts';
import { checkMirrors } from './mirrors.ts';
import { checkRecords } from './records.ts';
import { checkPolicing, checkShaping } from './shaping.ts';

/** Stations of office and voice: `a` and `v` where Flowloom's flows forward, `b` and `w` where Open vSwitch does. */
const STATIONS = {
  a1: ['10.1.0.1/16'],
  a2: ['10.1.0.2/16'],
  a3: ['10.1.0.3/16'],
  v1: ['10.2.0.1/16'],
  v2: ['10.2.0.2/16'],
  tap0: [],
  b1: ['10.3.0.1/16'],
  b2: ['10.3.0.2/16'],
  b3: ['10.3.0.3/16'],
  w1: ['10.4.0.1/16'],
  w2: ['10.4.0.2/16'],
  tap1: [],
  tap2: [],
  watch: [],
} as const;

export type Machines = Record<keyof typeof STATIONS | 'control' | 'far', Namespace> & { hv1: OpenVSwitch };

export const lab: LabDefinition = {
  title: 'mirrors (SPAN, RSPAN, ERSPAN), shaping and policing, NetFlow, IPFIX and sFlow; every setting of a bridge',
  alone: true,
  async run(lab) {
    const control = await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'tcp');
    const far = await createNamespace(lab, 'far');
    await cable(hv1.namespace, 'eth1', far, 'eth0');
    await inside(far, ['ip', 'address', 'add', '192.168.50.2/24', 'dev', 'eth0']);
    const stations: Partial<Record<keyof typeof STATIONS, Namespace>> = {};
    for (const [name, addresses] of Object.entries(STATIONS)) {
      stations[name as keyof typeof STATIONS] = await addGuest(lab, hv1, name, { addresses: [...addresses] });
    }
    const machines = { ...stations, control, far, hv1 } as Machines;
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0']);
    await addUnderlay(hv1, 'br-phy', '192.168.50.1');
    await checkMirrors(lab, machines);
    await checkShaping(lab, machines);
    await checkPolicing(lab, machines, flowloom);
    await checkRecords(lab, machines);
    const { a1, a2, b2 } = machines;
    await checkQuiet(
      lab,
      flowloom,
      [hv1],
      [
        [a1, '10.1.0.2'],
        [b2, '10.3.0.1'],
      ],
    );
    await checkChanges(lab, machines, flowloom);
    await checkLeaving(lab, machines, flowloom);
    await checkSecondStart(lab, { flowloom, recording, bridges: [[hv1, 'br0']], from: a2, to: '10.1.0.3' });
  },
};
