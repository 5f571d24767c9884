// Errors by the names that people look up, and by numbers where there are none.
import { expect, test } from 'vitest';
import { type ErrorMessage, errorName } from '../../../proto/openflow/error.ts';
import { decodeMessage, encodeMessage } from '../../../proto/openflow/message.ts';

test.each([
  ['0002000900000000', 'BAD_ACTION/BAD_OUT_GROUP'],
  ['0004000300000000', 'BAD_MATCH/BAD_DL_ADDR_MASK'],
  ['000d000500000000', 'TABLE_FEATURES_FAILED/EPERM'],
  ['0002006300000000', 'BAD_ACTION/99'],
  ['0058000700000000', 'type 88, code 7'],
  ['ffff002b00002320', 'NXBMC_CT_DATAPATH_SUPPORT'],
  ['ffff0fff00002320', 'experimenter 0x2320, type 4095'],
  ['ffff0002004f4e46', 'experimenter 0x4f4e46, type 2'],
])('%s is %s', (hex, name) => {
  const bytes = Uint8Array.from(Buffer.from(`0501001000000001${hex}`, 'hex'));
  const message = decodeMessage(bytes);
  expect(encodeMessage(message)).toEqual(bytes);
  expect(errorName(message as ErrorMessage)).toBe(name);
});

test.each([
  ['0001000600000000', 'BAD_REQUEST/BAD_LEN'],
  // FLOW_MOD_FAILED and PORT_MOD_FAILED of 1.0, where 1.4 has BAD_INSTRUCTION and BAD_MATCH.
  ['0003000200000000', 'type 3, code 2 of version 1'],
  ['0004000000000000', 'type 4, code 0 of version 1'],
  ['ffff000000000000', 'type 65535, code 0 of version 1'],
])('%s of OpenFlow 1.0 is %s', (hex, name) => {
  const bytes = Uint8Array.from(Buffer.from(`0101001000000001${hex}`, 'hex'));
  const message = decodeMessage(bytes);
  expect(encodeMessage(message)).toEqual(bytes);
  expect(errorName(message as ErrorMessage)).toBe(name);
});
