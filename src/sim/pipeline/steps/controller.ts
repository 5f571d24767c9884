/** Actions that send the packet to controllers: `output` to the controller port, NXAST_CONTROLLER and _CONTROLLER2 (nicira-ext.h). */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { PacketForController } from '../../switch-state.ts';
import { metadataMatch } from '../metadata-match.ts';
import type { Step } from '../program.ts';
import { commit, freeze, frozenAt, type Pause, type Translation } from '../translation.ts';

const NO_COOKIE = 0xffff_ffff_ffff_ffffn;

/** Why a packet goes up that an output to the controller sends. */
export function reasonHere({ inPacketOut, inGroup, inActionSet }: Translation): PacketForController['reason'] {
  if (inPacketOut) return 'packetOut';
  if (inGroup) return 'group';
  return inActionSet ? 'actionSet' : 'applyAction';
}

/** A flow of priority 0 that matches all is its table's miss (5.4), and its packets say so. */
export function sendToController(translation: Translation, wish: Pause, waits = false): void {
  const { flow, isBack, tableId, key } = translation;
  commit(translation);
  const isMissFlow = flow?.priority === 0 && flow.masked.words.length === 0;
  const isMiss = wish.reason === 'applyAction' && !isBack && !waits && isMissFlow;
  translation.actions.push({
    type: 'controller',
    packet: {
      ...wish,
      reason: isMiss ? 'tableMiss' : wish.reason,
      tableId,
      cookie: flow?.cookie ?? NO_COOKIE,
      match: metadataMatch(key, translation.state.fields, translation.vlanLimit),
      userdata: wish.userdata,
      meterId: wish.meterId,
      continuation: undefined,
    },
    resume: undefined,
  });
}

export function controller(of: Action, wish: Pause): Step {
  return { of, needsHeaders: true, run: (translation) => sendToController(translation, wish) };
}

/** The packet waits at the controller until NXT_RESUME brings it back, and goes on with what is left then. */
export function pause(of: Action, wish: Pause): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      translation.pausing = wish;
      freeze(translation);
    },
  };
}

/** On the way out of a pass that `pause` ended. */
export function finishPause(translation: Translation): void {
  const wish = translation.pausing;
  if (wish === undefined) return;
  const resume = frozenAt(translation, undefined);
  // It waits longer than this pass.
  resume.metadata = resume.metadata.slice();
  translation.pausing = undefined;
  translation.freezing = false;
  translation.remaining = [];
  sendToController(translation, wish, true);
  const last = translation.actions.at(-1);
  if (last?.type === 'controller') last.resume = resume;
}
