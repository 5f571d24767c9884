/** An action as a step: which of the files in steps/ does it. */

import type { Action } from '../../../proto/openflow/action.ts';
import { isField } from '../../../proto/openflow/oxm.ts';
import type { FieldName } from '../../../proto/openflow/oxm-fields.ts';
import type { TlvTable } from '../key/tlv-table.ts';
import { isWritable } from '../key/writable.ts';
import type { Refusal } from '../switch-state.ts';
import { isRefusal, refuse } from './compile-refusal.ts';
import type { Step } from './program.ts';
import { checkPacketLarger, clone } from './steps/clone.ts';
import { controller, pause } from './steps/controller.ts';
import { ct, ctClear } from './steps/ct.ts';
import { decap, encap } from './steps/encap.ts';
import { deleteOption, load, move, setField, setTunnelId, stackPop, stackPush } from './steps/fields.ts';
import { group } from './steps/group.ts';
import { bundle, bundleLoad, multipath } from './steps/hashed.ts';
import { learn } from './steps/learn.ts';
import { isOldSet, setAsBefore } from './steps/old-sets.ts';
import { output, outputRegister, outputTruncated, portNumberOf } from './steps/output.ts';
import { finTimeout, nothing, setQueue } from './steps/plain.ts';
import { isOfConnection } from './steps/run-of-bits.ts';
import { exit, resubmit, writeMetadata } from './steps/tables.ts';
import { decMplsTtl, decNshTtl, decNwTtl, popMpls, popVlan, pushMpls, pushVlan, setMplsTtl } from './steps/tags.ts';

const CURRENT_TABLE = 0xff;

/** `inCt`: what stands within `ct` writes ct_mark and ct_label, and nothing else does. */
export function stepOf(action: Action, fields: TlvTable, inCt = false): Step | Refusal {
  const refusal = refusalOf(action, inCt);
  return refusal ?? made(action, fields) ?? refuse('badAction', 'badSetType');
}

/** Each action as a step, in their order. */
export function compileActions(actions: readonly Action[], fields: TlvTable, inCt = false): Step[] | Refusal {
  const steps: Step[] = [];
  for (const action of actions) {
    const step = stepOf(action, fields, inCt);
    if (isRefusal(step)) return step;
    steps.push(step);
  }
  return steps;
}

function withSteps<T>(steps: Step[] | Refusal, make: (steps: Step[]) => T): T | Refusal {
  return isRefusal(steps) ? steps : make(steps);
}

function refusalOf(action: Action, inCt: boolean): Refusal | undefined {
  const target = targetOf(action);
  if (target === undefined) return undefined;
  if (!isField(target)) return refuse('badAction', 'badSetType');
  if (isOfConnection(target)) return inCt ? undefined : refuse('badAction', 'badSetArgument');
  return isWritable(target) ? undefined : refuse('badAction', 'badSetArgument');
}

/** The field that an action writes. */
function targetOf(action: Action): string | undefined {
  switch (action.type) {
    case 'setField':
    case 'regLoad2':
      return action.field;
    case 'regLoad':
    case 'regMove':
    case 'copyField':
    case 'stackPop':
    case 'multipath':
    case 'bundleLoad':
    case 'checkPktLarger':
      return action.to.field;
    default:
      return undefined;
  }
}

function made(action: Action, fields: TlvTable): Step | Refusal | undefined {
  if (isOldSet(action)) return setAsBefore(action);
  switch (action.type) {
    case 'output':
      return output(action, portNumberOf(action.port), action.maxLen);
    case 'outputReg':
    case 'outputReg2':
      return outputRegister(action, action.from, action.maxLen, fields);
    case 'outputTrunc':
      return outputTruncated(action, portNumberOf(action.port), action.maxLen);
    case 'controller':
      return controller(action, { ...action, reason: reasonOf(action.reason) });
    case 'controller2':
      return controller2(action);
    case 'group':
      return typeof action.groupId === 'number' ? group(action, action.groupId) : refuse('badAction', 'badOutGroup');
    case 'setQueue':
      return setQueue(action, action.queueId);
    case 'popQueue':
      return setQueue(action, 0);
    case 'setField':
    case 'regLoad2':
      return setField(action, action.field, action.value, fields);
    case 'regLoad':
      return load(action, action.to, action.value, fields);
    case 'regMove':
    case 'copyField':
      return move(action, action.from, action.to, fields);
    case 'stackPush':
      return stackPush(action, action.from, fields);
    case 'stackPop':
      return stackPop(action, action.to, fields);
    case 'setTunnel':
      return setTunnelId(action, BigInt(action.tunId));
    case 'setTunnel64':
      return setTunnelId(action, action.tunId);
    case 'deleteField':
      return deleteOption(action, action.field as FieldName, fields);
    case 'pushVlan':
      return pushVlan(action, action.ethertype);
    case 'popVlan':
      return popVlan(action);
    case 'pushMpls':
      return pushMpls(action, action.ethertype);
    case 'popMpls':
      return popMpls(action, action.ethertype);
    case 'setMplsTtl':
      return setMplsTtl(action, action.mplsTtl);
    case 'decMplsTtl':
      return decMplsTtl(action);
    case 'decNwTtl':
      return decNwTtl(action, [0]);
    case 'decTtlCntIds':
      return decNwTtl(action, action.ids);
    case 'decNshTtl':
      return decNshTtl(action);
    case 'resubmit':
      return resubmit(action, portNumberOf(action.inPort), CURRENT_TABLE, false);
    case 'resubmitTable':
    case 'resubmitTableCt':
      return resubmit(action, portNumberOf(action.inPort), action.table, action.type === 'resubmitTableCt');
    case 'writeMetadata':
      return writeMetadata(action, action.metadata, action.mask);
    case 'exit':
      return exit(action);
    case 'finTimeout':
      return finTimeout(action, action.finIdleTimeout, action.finHardTimeout);
    case 'learn':
    case 'learn2':
      return learn(action, fields);
    case 'multipath':
      return multipath(action, fields);
    case 'bundle':
      return bundle(action);
    case 'bundleLoad':
      return bundleLoad(action, fields);
    case 'clone':
      return withSteps(compileActions(action.actions, fields), (steps) => clone(action, steps));
    case 'checkPktLarger':
      return checkPacketLarger(action, action.pktLen, action.to, fields);
    case 'ct':
      return withSteps(
        compileActions(
          action.actions.filter(({ type }) => type !== 'nat'),
          fields,
          true,
        ),
        (steps) => ct(action, steps, fields),
      );
    case 'ctClear':
      return ctClear(action);
    case 'encap':
      return encap(action);
    case 'decap':
      return decap(action);
    case 'note':
    case 'conjunction':
    case 'sample':
    case 'sample2':
    case 'sample3':
    case 'debugSlow':
    case 'debugRecirc':
      return nothing(action);
    default:
      return refuse('badAction', 'badType');
  }
}

/** A reason that is only a number is none that a switch knows. */
function reasonOf(reason: string | number) {
  return typeof reason === 'number' ? ('applyAction' as const) : (reason as 'applyAction');
}

function controller2(action: Extract<Action, { type: 'controller2' }>): Step {
  const wish = { reason: 'applyAction' as const, maxLen: 0xffff, controllerId: 0 };
  let pauses = false;
  for (const property of action.properties) {
    if (property.type === 'userdata') Object.assign(wish, { userdata: property.data });
    else if (property.type === 'pause') pauses = true;
    else Object.assign(wish, property);
  }
  const { type: _, ...asked } = wish as typeof wish & { type?: string };
  return pauses ? pause(action, asked) : controller(action, asked);
}
