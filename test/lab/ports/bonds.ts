// Bonds between two Open vSwitches: active-backup, and balance-tcp agreed upon by LACP (IEEE 802.1AX).
import { check, expect } from '../support/check.ts';
import { appctl, type OpenVSwitch } from '../support/host.ts';
import { inside, type Lab } from '../support/lab.ts';
import { expectNoPings, expectPings, ping } from '../support/traffic.ts';
import { until } from '../support/wait.ts';
import type { Machines } from './machines.ts';

export async function checkBonds(lab: Lab, { hv1, hv2 }: Machines): Promise<void> {
  const here = hv1.namespace;
  const set = (device: string, state: 'up' | 'down') => inside(hv2.namespace, ['ip', 'link', 'set', device, state]);
  const passes = (device: string, address: string) =>
    until(
      `${address} answers`,
      async () => (await ping(here, address, { count: 1, flags: ['-I', device] })).received === 1,
    );

  await check(lab, 'an active-backup bond uses one member; when that is cut the other carries on', async () => {
    await passes('i-pair', '10.24.0.2');
    const first = await untilShown(hv1, 'bond/show', 'pair', /active member mac: \S+?\((pair\d)\)/);
    const second = first === 'pair1' ? 'pair2' : 'pair1';
    await set(first, 'down');
    const then = await untilShown(hv1, 'bond/show', 'pair', new RegExp(`active member mac: \\S+?\\((${second})\\)`));
    expect(then === second, then);
    await passes('i-pair', '10.24.0.2');
    await expectPings(here, '10.24.0.2', { flags: ['-I', 'i-pair'] });
  });
  await check(lab, 'with both members cut nothing passes; with one it does again', async () => {
    await set('pair1', 'down');
    await set('pair2', 'down');
    await untilShown(hv1, 'bond/show', 'pair', /(member pair1: disabled).*member pair2: disabled/s);
    await expectNoPings(here, '10.24.0.2', { flags: ['-I', 'i-pair'] });
    await set('pair1', 'up');
    await passes('i-pair', '10.24.0.2');
    await set('pair2', 'up');
  });
  await check(lab, 'a balance-tcp bond is negotiated by LACP on both hosts', async () => {
    for (const host of [hv1, hv2]) {
      await untilShown(host, 'bond/show', 'team', /(lacp_status: negotiated)/);
      await untilShown(host, 'bond/show', 'team', /(bond_mode: balance-tcp)/);
      const shown = (await appctl(host, 'lacp/show', 'team')).stdout;
      const modes = host === hv1 ? /status: active negotiated/ : /status: passive negotiated/;
      const current = shown.match(/: current attached/g)?.length;
      expect(modes.test(shown) && current === 2, 'lacp/show:', () => shown);
    }
    await passes('i-team', '10.25.0.2');
  });
  await check(lab, 'it carries on by one member; the bond without LACP has none to show', async () => {
    await set('team1', 'down');
    await untilShown(hv1, 'bond/show', 'team', /(member team1: disabled).*member team2: enabled/s);
    await passes('i-team', '10.25.0.2');
    await expectPings(here, '10.25.0.2', { flags: ['-I', 'i-team'] });
    await set('team1', 'up');
    await untilShown(hv1, 'bond/show', 'team', /(member team1: enabled).*member team2: enabled/s);
    const shown = await appctl(hv1, 'lacp/show', 'pair');
    expect(shown.code !== 0, 'the bond `pair` has LACP:', () => shown.stdout);
  });
}

/** Waits until ovs-appctl shows it, and gives what the pattern's first group found. */
function untilShown(host: OpenVSwitch, command: string, port: string, pattern: RegExp): Promise<string> {
  return until(`${host.namespace.name}: ${command} ${port} shows ${pattern}`, async () => {
    const { stdout, stderr } = await appctl(host, command, port);
    const found = pattern.exec(stdout)?.[1];
    if (found === undefined) throw new Error(stdout + stderr);
    return found;
  });
}
