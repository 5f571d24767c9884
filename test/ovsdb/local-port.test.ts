/** A bridge's own port as the file has it: its device's MAC is the bridge's, on the host that the file names. */

import { expect, test } from 'vitest';
import { desiredHost } from '../../src/ovsdb/manager/desired.ts';
import { testBridge, testConfig, testHost, testPort } from './config.ts';

const config = testConfig({
  hosts: [testHost('hv1'), testHost('hv2')],
  bridges: [
    testBridge(
      'br0',
      [testPort('br0', { macs: ['02:00:00:00:00:09'] }), testPort('web1', { macs: ['02:00:00:00:00:01'] })],
      {
        hosts: ['hv1', 'hv2'],
      },
    ),
  ],
});

test.for([
  ['hv1', '02:00:00:00:00:09'],
  ['hv2', undefined],
] as const)('on %s its MAC is %s', ([host, mac]) => {
  const [bridge] = desiredHost(config, host, { controllerTarget: undefined }).bridges;
  const otherConfig = bridge!.row.columns.other_config as ReadonlyMap<string, string>;
  expect(otherConfig.get('hwaddr')).toBe(mac);
  expect(bridge!.ports.filter(({ key }) => key === 'br0')).toHaveLength(1);
});
