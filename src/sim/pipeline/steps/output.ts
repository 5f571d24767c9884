/** Output actions (OpenFlow 1.4, 7.2.5 and 5.9; nicira-ext.h): to a port, to many, to the one that a field names. */

import type { Action } from '../../../../proto/openflow/action.ts';
import { RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import { widePort } from '../../key/key.ts';
import { WORD } from '../../key/layout.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import { normal } from '../normal.ts';
import type { Step } from '../program.ts';
import { enterTable, type Translation } from '../translation.ts';
import { reasonHere, sendToController } from './controller.ts';
import { outputToPort } from './output-to-port.ts';
import { readWords, runOfBits } from './run-of-bits.ts';

export function portNumberOf(port: number | keyof typeof RESERVED_PORTS): number {
  return typeof port === 'number' ? port : RESERVED_PORTS[port];
}

/** `maxLen`: of what goes to the controller. */
export function output(of: Action, port: number, maxLen: number): Step {
  return { of, needsHeaders: false, run: (translation) => outputTo(translation, port, maxLen) };
}

/** The port is in the bits; numbers that no port can have are passed over. */
export function outputRegister(of: Action, from: Subfield, maxLen: number, fields: TlvTable): Step | undefined {
  const run = runOfBits(from, fields);
  if (run === undefined) return undefined;
  return {
    of,
    needsHeaders: false,
    run(translation) {
      const words = readWords(translation.key, run);
      const value = words.pop()!;
      if (value <= 0xffff && words.every((word) => word === 0)) outputTo(translation, widePort(value), maxLen);
    },
  };
}

/** The first bytes alone. */
export function outputTruncated(of: Action, port: number, maxLen: number): Step {
  return {
    of,
    needsHeaders: false,
    run(translation) {
      const before = translation.maxLen;
      translation.maxLen = maxLen;
      outputTo(translation, port, 0xffff);
      translation.maxLen = before;
    },
  };
}

export function outputTo(translation: Translation, port: number, maxLen: number): void {
  const { key, state, watcher } = translation;
  const inPort = key[WORD.inPort]!;
  switch (port) {
    case RESERVED_PORTS.inPort:
      outputToPort(translation, inPort);
      return;
    case RESERVED_PORTS.table:
      enterTable(translation, 0, inPort, true);
      return;
    case RESERVED_PORTS.normal:
      normal(translation);
      return;
    case RESERVED_PORTS.flood:
    case RESERVED_PORTS.all:
      for (const { portNo } of state.ports.values()) if (portNo !== inPort) outputToPort(translation, portNo);
      return;
    case RESERVED_PORTS.controller:
      sendToController(translation, { reason: reasonHere(translation), maxLen, controllerId: 0 });
      return;
    case RESERVED_PORTS.any:
      return;
    default:
      if (port === inPort) watcher?.note('not to the port that it came in by');
      else outputToPort(translation, port);
  }
}
