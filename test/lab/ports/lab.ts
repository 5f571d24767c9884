// Every kind of port, on two hosts with real traffic; the files beside this one have the checks.
import { startControl } from '../support/control.ts';
import { startFlowloom } from '../support/flowloom.ts';
import { startHost } from '../support/host.ts';
import type { LabDefinition } from '../support/lab.ts';
import { checkQuiet } from '../support/quiet.ts';
import { checkSecondStart, recordOpenFlow } from '../support/restart.ts';
import { checkBonds } from './bonds.ts';
import { addAddresses, addMachines } from './machines.ts';
import { checkTrunks } from './trunks.ts';
import { checkTunnels } from './tunnels.ts';
import { checkUnsupported } from './unsupported.ts';

export const lab: LabDefinition = {
  title: 'every kind of port: native VLANs, patch ports, bonds with LACP, tunnels from point to point, internal ports',
  async run(lab) {
    await startControl(lab);
    const hosts = { hv1: await startHost(lab, 'hv1', 'tcp'), hv2: await startHost(lab, 'hv2', 'dials-in') };
    const machines = await addMachines(lab, hosts);
    const recording = await recordOpenFlow(lab);
    const flowloom = await startFlowloom(lab, ['hv1/br0', 'hv2/br0']);
    await addAddresses(machines);
    await checkTrunks(lab, machines);
    await checkTunnels(lab, machines, flowloom);
    await checkBonds(lab, machines);
    await checkUnsupported(lab, machines, flowloom);
    await checkQuiet(lab, flowloom, Object.values(hosts), [[machines.office1, '10.1.0.2']]);
    const { hv1, hv2, office1 } = machines;
    await checkSecondStart(lab, {
      flowloom,
      recording,
      bridges: [
        [hv1, 'br0'],
        [hv2, 'br0'],
      ],
      from: office1,
      to: '10.1.0.2',
    });
  },
};
