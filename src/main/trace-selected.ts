/** On a file alone: ports of other programs that it selects by an exact name are taken as there, others as missing. */

import type { Config, Port } from '../config/model.ts';
import { isGlob } from '../text/glob.ts';

export function withSelectedPorts(config: Config): { network: Config; notes: string[] } {
  const missing: string[] = [];
  const resolved = ({ select, ...port }: Port): Port[] => {
    if (select === undefined) return [{ ...port, select }];
    const { name } = select;
    if (name !== undefined && !isGlob(name)) return [{ ...port, name, select: undefined }];
    missing.push(`${port.host}/${port.name}`);
    return [];
  };
  const bridges = config.bridges.map((bridge) => ({ ...bridge, ports: bridge.ports.flatMap(resolved) }));
  const notes =
    missing.length === 0 ? [] : [`which ports these select is known on their hosts alone: ${missing.join(', ')}`];
  return { network: { ...config, bridges }, notes };
}
