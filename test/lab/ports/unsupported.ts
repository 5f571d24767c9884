// A kind of port that this Open vSwitch does not have: refused by name, and nothing else suffers.
import { readFileSync } from 'node:fs';
import { check, expect } from '../support/check.ts';
import { type Flowloom, reload, status } from '../support/flowloom.ts';
import { vsctl } from '../support/host.ts';
import type { Lab } from '../support/lab.ts';
import { startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './machines.ts';

/** This one does not know srv6; stt it lists among its types, and its userspace datapath loses whatever goes there. */
const line = (type: string) => `      hv1/${type}0: { type: ${type}, options: { remote_ip: 192.168.50.2 } }\n`;

export async function checkUnsupported(lab: Lab, { hv1, office1 }: Machines, flowloom: Flowloom): Promise<void> {
  const before = readFileSync(flowloom.file, 'utf8');
  const running = await startPing(lab, office1, '10.1.0.2', 0.05);
  const host = async () => (await status(flowloom)).hosts.find(({ name }) => name === 'hv1');
  const withPort = (type: string) =>
    reload(
      flowloom,
      before.replace(/^ {6}hv1\/tap7: .*\n/m, (tap) => `${tap}${line(type)}`),
    );
  await check(lab, 'a port of type srv6 is refused by name, with the types that there are, and not made', async () => {
    withPort('srv6');
    const warnings = await until('the host is warned of', async () => {
      const found = await host();
      return found !== undefined && found.warnings.length > 0 && found.warnings;
    });
    const [warning = ''] = warnings;
    const right = /no interface type srv6, so port srv60 is left out \(.*:\d+\); it has .*\bvxlan\b/.test(warning);
    expect(right && warnings.length === 1, 'the warnings:', () => warnings.join('\n'));
    const ports = await vsctl(hv1, 'list-ports', 'br0');
    expect(!ports.includes('srv60') && ports.includes('tap7'), 'the ports:', () => ports);
  });
  await check(
    lab,
    'a file with a port of type stt on the userspace datapath is refused, and the old one stays',
    async () => {
      withPort('stt');
      const error = await until('the file is refused', async () => (await status(flowloom)).file?.error ?? undefined);
      expect(/port hv1\/stt0: .*cannot do stt/.test(error), error);
      const ports = await vsctl(hv1, 'list-ports', 'br0');
      expect(!ports.includes('stt0') && ports.includes('tap7'), 'the ports:', () => ports);
    },
  );
  await check(lab, 'with its line gone the host is well again, and no ping was lost meanwhile', async () => {
    reload(flowloom, before);
    await until('no warning', async () => (await host())?.warnings.length === 0);
    const { file } = await status(flowloom);
    expect((await host())?.error === null && file?.error === null, 'an error stays');
    await stopPing(running);
  });
}
