/** More messages for switches that are compared, with little said: bundles, ports, tables, roles, monitors, the TLV table. */

import type { Message, MessageBody } from '../../../proto/openflow/message.ts';
import { action, applied, ask } from './messages.ts';
import { addressOf } from './sides.ts';

export const FLAGS = ['atomic', 'ordered'] as const;
export const body = (said: Record<string, unknown>) => said as unknown as MessageBody;
export const control = (step: string, flags: readonly unknown[] = FLAGS, bundleId = 1) =>
  body({ type: 'bundleControl', bundleId, control: step, flags, properties: [] });
/** The transaction inside must be that outside: which of the messages of a turn it is, from 1. */
export const add = (message: MessageBody, xid: number, flags: readonly unknown[] = FLAGS, bundleId = 1) =>
  body({ type: 'bundleAdd', bundleId, flags, message: { ...message, xid } as Message, properties: [] });
export const toGroup = (groupId: number) => applied(action({ type: 'group', groupId }));
export const portMod = (more: Record<string, unknown> = {}) =>
  body({ type: 'portMod', portNo: 1, hwAddr: addressOf(1), config: [], mask: [], properties: [], ...more });
export const tableMod = (more: Record<string, unknown> = {}) =>
  body({ type: 'tableMod', tableId: 0, config: [], properties: [], ...more });
export const role = (wanted: string | number, generationId: bigint) =>
  body({ type: 'roleRequest', role: wanted, generationId });
export const monitor = (more: Record<string, unknown> = {}) =>
  ask('flowMonitor', [
    {
      ...{ monitorId: 1, outPort: 'any', outGroup: 'any', tableId: 'all', command: 'add', match: {} },
      flags: ['initial', 'add', 'removed', 'modify', 'instructions'],
      ...more,
    },
  ] as never);
export const endMonitor = (monitorId: number) => monitor({ monitorId, command: 'delete' });
export const tlv = (command: string | number, ...maps: readonly [number, number, number, number][]) =>
  body({
    type: 'tlvTableMod',
    command,
    maps: maps.map(([optionClass, optionType, optionLen, index]) => ({ optionClass, optionType, optionLen, index })),
  });
export const setAsync = (...properties: readonly Record<string, unknown>[]) => body({ type: 'setAsync', properties });
export const asyncMask = (type: string, ...mask: string[]) => ({ type, mask });
