/** The target by which a host's bridges find Flowloom. Pure. */
import type { Host } from '../../config/model.ts';
import { plainAddress } from '../../transport/peer-address.ts';
import { formatTarget } from '../../transport/target.ts';

/** Where the host's bridges find our OpenFlow: what the file says, else our own end of the OVSDB connection. */
export function controllerTarget(
  host: Host,
  localAddress: string | undefined,
  port: number | undefined,
): string | undefined {
  if (host.controller !== undefined) return host.controller;
  if (port === undefined) return undefined;
  return formatTarget({ kind: 'tcp', address: plainAddress(localAddress ?? '127.0.0.1'), port });
}
