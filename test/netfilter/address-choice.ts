/** Addresses of random networks. */

import type { Random } from '../fuzz/random.ts';
import type { Network } from './network.ts';

/** The first is the outside, and no private one. */
export function prefixAt(family: 4 | 6, i: number): string {
  return family === 4 ? `${i === 0 ? '198.18' : '10.0'}.${i}.0/24` : `fd00:0:0:${i + 1}::/64`;
}

export function hostAt(family: 4 | 6, i: number, host: number): string {
  return family === 4 ? `${i === 0 ? '198.18' : '10.0'}.${i}.${host}` : `fd00:0:0:${i + 1}::${host.toString(16)}`;
}

/** Whole prefixes and single stations. */
export function prefixOf(
  random: Random,
  { family, interfaces, routes }: Pick<Network, 'family' | 'interfaces' | 'routes'>,
): string {
  const each = random.pick(interfaces);
  const far = routes.filter(({ prefix }) => !prefix.endsWith('/0'));
  if (far.length > 0 && random.below(5) === 0) return random.pick(far).prefix;
  const guest = random.pick(each.guests).address;
  return random.pick([each.prefix, each.prefix, family === 4 ? `${guest}/32` : `${guest}/128`]);
}
