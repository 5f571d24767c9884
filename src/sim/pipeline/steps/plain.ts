/** Actions and instructions of a line: meter, queue, fin_timeout, and those that do nothing to a packet (nicira-ext.h). */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { Instruction } from '../../../../proto/openflow/instruction.ts';
import { WORD } from '../../key/layout.ts';
import type { Step } from '../program.ts';

/** `note`, `sample` (nobody collects), `conjunction` outside a match. */
export function nothing(of: Action): Step {
  return { of, needsHeaders: false, run: () => undefined };
}

export function meter(of: Action | Instruction, meterId: number): Step {
  return {
    of,
    needsHeaders: false,
    run(translation) {
      translation.actions.push({ type: 'meter', meterId });
    },
  };
}

export function setQueue(of: Action, queueId: number): Step {
  return {
    of,
    needsHeaders: false,
    run({ key }) {
      key[WORD.skbPriority] = queueId;
    },
  };
}

const FIN_OR_RST = 0x05;

/** A connection's end makes the flow's timeouts shorter. */
export function finTimeout(of: Action, idleTimeout: number, hardTimeout: number): Step {
  return {
    of,
    needsHeaders: true,
    run({ flow, isBack, key, state }) {
      const isTcp = key[WORD.nwProto] === 6 && (key[WORD.ethType] === 0x0800 || key[WORD.ethType] === 0x86dd);
      if (flow !== undefined && !isBack && isTcp && (key[WORD.tcpFlags]! & FIN_OR_RST) !== 0) {
        state.shorten(flow, idleTimeout, hardTimeout);
      }
    },
  };
}
