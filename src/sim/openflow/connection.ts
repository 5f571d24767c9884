/**
 * A controller's connection to the switch (OpenFlow 1.4, 6.3 and 7.1): hello, then each message to who carries it out.
 * Whatever comes, an error or the connection's end is the answer; nothing throws.
 */

import { encodeMessage, OPENFLOW_1_4 } from '../../../proto/openflow/message.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { TABLES } from '../table/flow-tables.ts';
import { asyncProperties, readAsyncConfig } from './async-config.ts';
import { bundleAdd, bundleControl } from './bundle.ts';
import { checkHeader } from './check/header.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { createFraming } from './framing.ts';
import { versionsIn } from './hello.ts';
import { createLink, type Link, refuse } from './link.ts';
import { meterMod } from './meter-mod.ts';
import { begin, finish, prepare } from './modifications.ts';
import { createLinkMonitors } from './monitors.ts';
import { answerMultipart } from './multipart.ts';
import { assemble } from './multipart-assembly.ts';
import { niciraMessage } from './nicira.ts';
import { encodeHelloFailed } from './refusal-message.ts';
import { roleRequest } from './role.ts';
import { tableMod } from './table-mod.ts';

/** For those who look at many messages and answer few: they see them before the switch does, where they lie. */
export interface Hooks {
  /** True: it is seen to, and the switch does not hear of it. */
  flowMod?(bytes: Uint8Array, at: number, length: number): boolean;
  packetOut?(bytes: Uint8Array, at: number, length: number): boolean;
  /**
   * Of each change of flows, groups or ports that the switch itself looks at: alone, added to a bundle, and again when
   * its bundle is committed; the last two of the message that adds it.
   */
  refuse?(message: Uint8Array, when: 'alone' | 'add' | 'commit'): Refusal | undefined;
  echoReplied?(): void;
}

export interface ConnectionEnds {
  write(bytes: Uint8Array): void;
  /** Bytes that were written and not yet taken. */
  backlog?(): number;
  /** The switch ends the connection. */
  end?(reason: string): void;
  hooks?: Hooks;
}

export interface SwitchConnection {
  readonly link: Link;
  /** Any chunk of the stream, which is free again when this returns. */
  receive(bytes: Uint8Array, length?: number): void;
  /** What was written has been taken. */
  drained(): void;
  close(): void;
}

const TYPE = {
  hello: 0,
  error: 1,
  echoRequest: 2,
  echoReply: 3,
  experimenter: 4,
  featuresRequest: 5,
  getConfigRequest: 7,
  setConfig: 9,
  packetOut: 13,
  flowMod: 14,
  groupMod: 15,
  portMod: 16,
  tableMod: 17,
  multipartRequest: 18,
  barrierRequest: 20,
  barrierReply: 21,
  roleRequest: 24,
  getAsyncRequest: 26,
  setAsync: 28,
  meterMod: 29,
  bundleControl: 33,
  bundleAdd: 34,
} as const;

/** What a slave may not ask for (6.3.4). */
const FOR_MASTERS: ReadonlySet<number> = new Set([
  ...[TYPE.packetOut, TYPE.flowMod, TYPE.groupMod, TYPE.portMod, TYPE.tableMod, TYPE.meterMod],
  ...[TYPE.bundleControl, TYPE.bundleAdd],
]);
/** Those that may have any version (what vconn lets pass). */
const ANY_VERSION: ReadonlySet<number> = new Set([TYPE.hello, TYPE.error, TYPE.echoRequest, TYPE.echoReply]);
const FRAGMENTS = ['normal', 'drop', undefined, 3] as const;

export function createSwitchConnection(core: SwitchCore, ends: ConnectionEnds): SwitchConnection {
  const { hooks } = ends;
  const backlog = ends.backlog ?? (() => 0);
  const monitors = createLinkMonitors({ write: (bytes) => link.write(bytes), backlog });
  const link = createLink(
    {
      write(bytes) {
        if (!link.closed) ends.write(bytes);
      },
      backlog,
      end: () => end('the switch ended it'),
    },
    core.now(),
    monitors,
  );
  const framing = createFraming(receiveMessage);

  function end(reason: string): void {
    if (link.closed) return;
    close();
    ends.end?.(reason);
  }

  function close(): void {
    link.closed = true;
    core.links.delete(link);
    link.bundles.clear();
    monitors.all.clear();
  }

  function receiveMessage(bytes: Uint8Array, at: number, length: number): boolean {
    if (link.closed) return false;
    const type = bytes[at + 1]!;
    if (link.greeted && bytes[at] === OPENFLOW_1_4) {
      if (type === TYPE.flowMod && hooks?.flowMod?.(bytes, at, length) === true) {
        monitors.reportOwn(u32(bytes, at + 4));
        return true;
      }
      if (type === TYPE.packetOut && hooks?.packetOut?.(bytes, at, length) === true) return true;
    }
    // A Buffer's own slice would be no copy.
    const message = Uint8Array.from(bytes.subarray(at, at + length));
    if (!link.greeted) greet(message);
    else handle(message);
    return !link.closed;
  }

  function handle(message: Uint8Array): void {
    const refusal = answer(message);
    if (refusal !== undefined) refuse(link, message, refusal);
    for (const each of core.links) each.monitors.flush();
  }

  function greet(message: Uint8Array): void {
    if (message[1] !== TYPE.hello) {
      end('the first message was no hello');
      return;
    }
    const versions = versionsIn(message);
    if (versions.includes(OPENFLOW_1_4)) {
      link.greeted = true;
      return;
    }
    const theirs = `version${versions.length === 1 ? '' : 's'} ${versions.map((each) => `0x0${each}`).join(', ')}`;
    link.write(encodeHelloFailed(`We support version 0x05, you support ${theirs}, no common versions.`, 0));
    end('no common version');
  }

  function answer(message: Uint8Array): Refusal | undefined {
    const type = message[1]!;
    if (message[0] !== OPENFLOW_1_4 && !(ANY_VERSION.has(type) && type !== TYPE.hello)) {
      return type === TYPE.hello ? BAD_REQUEST.badType : BAD_REQUEST.badVersion;
    }
    const refused = checkHeader(message);
    if (refused !== undefined) return refused;
    if (link.role === 'slave' && FOR_MASTERS.has(type)) return BAD_REQUEST.isSlave;
    return carryOut(type, message);
  }

  function carryOut(type: number, message: Uint8Array): Refusal | undefined {
    const xid = u32(message, 4);
    switch (type) {
      case TYPE.echoRequest: {
        const reply = message.slice();
        reply[1] = TYPE.echoReply;
        link.write(reply);
        return undefined;
      }
      case TYPE.error:
        return undefined;
      case TYPE.echoReply:
        hooks?.echoReplied?.();
        return undefined;
      case TYPE.barrierRequest:
        link.write(encodeMessage({ type: 'barrierReply', xid }));
        return undefined;
      case TYPE.featuresRequest:
        sendFeatures(xid);
        return undefined;
      case TYPE.getConfigRequest:
        link.send({ type: 'getConfigReply', flags: core.config.flags, missSendLen: link.missSendLen, xid });
        return undefined;
      case TYPE.setConfig:
        return setConfig(message);
      case TYPE.flowMod:
      case TYPE.groupMod:
      case TYPE.portMod:
      case TYPE.packetOut:
        return modify(message, xid);
      case TYPE.meterMod:
        return meterMod(core, link, message);
      case TYPE.tableMod:
        return tableMod(core, message);
      case TYPE.multipartRequest: {
        const whole = assemble(link, message, core.now());
        if (whole === undefined || 'errorType' in whole) return whole;
        return answerMultipart(core, link, whole);
      }
      case TYPE.roleRequest:
        return roleRequest(core, link, message);
      case TYPE.getAsyncRequest:
        link.send({ type: 'getAsyncReply', properties: asyncProperties(link.async), xid });
        return undefined;
      case TYPE.setAsync: {
        const config = readAsyncConfig(message, link.async);
        if ('errorType' in config) return config;
        link.async = config;
        return undefined;
      }
      case TYPE.bundleControl:
        return bundleControl(core, link, message, hooks?.refuse);
      case TYPE.bundleAdd:
        return hooks?.refuse?.(message, 'add') ?? bundleAdd(core, link, message);
      case TYPE.experimenter:
        return niciraMessage(core, link, message);
      default:
        return BAD_REQUEST.badType;
    }
  }

  function modify(message: Uint8Array, xid: number): Refusal | undefined {
    const refused = hooks?.refuse?.(message, 'alone');
    if (refused !== undefined) return refused;
    const prepared = prepare(core, message, xid);
    if ('errorType' in prepared) return prepared;
    const begun = begin(core, prepared, link);
    if ('errorType' in begun) return begun;
    finish(core, begun, link);
    return undefined;
  }

  function sendFeatures(xid: number): void {
    link.send({
      type: 'featuresReply',
      ...{ datapathId: core.dpid, nBuffers: 0, nTables: TABLES, auxiliaryId: 0, reserved: 0, xid },
      capabilities: ['flowStats', 'tableStats', 'portStats', 'groupStats', 'queueStats', 'bundles'],
    });
  }

  function setConfig(message: Uint8Array): Refusal | undefined {
    const wanted = u16(message, 8);
    if (wanted >= FRAGMENTS.length) return { errorType: 'switchConfigFailed', code: 'badFlags' };
    link.missSendLen = u16(message, 10);
    // Open vSwitch does not put fragments together: it goes on as before.
    const flags = FRAGMENTS[wanted];
    if (link.role !== 'slave' && flags !== undefined) core.config.flags = flags;
    return undefined;
  }

  core.links.add(link);
  link.send({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [OPENFLOW_1_4] }], xid: 1 });
  return {
    link,
    receive(bytes, length) {
      if (link.closed) return;
      if (!framing.push(bytes, length)) end('a length that no message has');
      monitors.flush();
    },
    drained: monitors.drained,
    close,
  };
}
