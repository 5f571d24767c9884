/** The administrator's part of a host that is itself on its bridge: addresses and routes of its own network stack. */
import type { OpenVSwitch } from './host.ts';
import { inside, tryInside } from './lab.ts';
import { until } from './wait.ts';

/** With prefix lengths; once the bridge's internal port is there. `via`: the default gateway. */
export async function giveAddresses(
  { namespace }: OpenVSwitch,
  device: string,
  addresses: readonly string[],
  via?: string,
): Promise<void> {
  const isThere = async () => (await tryInside(namespace, ['ip', 'link', 'show', device])).code === 0;
  await until(`${device} is there`, isThere);
  await inside(namespace, ['ip', 'address', 'flush', 'dev', device]);
  for (const address of addresses) await inside(namespace, ['ip', 'address', 'add', address, 'dev', device]);
  await inside(namespace, ['ip', 'link', 'set', device, 'up']);
  if (via !== undefined) await inside(namespace, ['ip', 'route', 'replace', 'default', 'via', via]);
}
