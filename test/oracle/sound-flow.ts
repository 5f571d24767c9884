// Arbitrary flows that Open vSwitch accepts: a match, and instructions that make sense for it.
import fc from 'fast-check';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { u64 } from '../property/arbitrary.ts';
import { SETTINGS, type Setting, type SoundAction } from './action-kind.ts';
import { type Facts, readMatch } from './printed-match.ts';
import { plain } from './printed-text.ts';
import { actionSet, soundActions } from './sound-action.ts';
import { soundMatch } from './sound-match.ts';

/** A match, what a flow with it does, and how both are printed. */
export interface SoundFlow {
  match: Match;
  facts: Facts;
  instructions: Instruction[];
  actions: string;
}

const settings = fc.constantFrom(...(Object.keys(SETTINGS) as Setting[]));

/** Of a setting all that is known is its match: its facts are read from how ovs-ofctl would write it. */
const SETTING_TEXT: Readonly<Record<Setting, string>> = {
  any: '',
  tcp: 'tcp',
  tcp6: 'tcp6',
  arp: 'arp',
  udp: 'udp',
  icmp: 'icmp',
  solicitation: 'icmp6,icmp_type=135,icmp_code=0',
  mpls: 'mpls',
  nsh: 'dl_type=0x894f',
  vlan: 'dl_vlan=100',
  tracked: 'ct_state=+est+trk,ip',
};

interface Doing {
  match: Match;
  facts: Facts;
  actions: SoundAction[];
  written: SoundAction[];
}

const doing: fc.Arbitrary<Doing> = fc.oneof(
  fc
    .tuple(soundMatch, soundActions('any', true), actionSet('any'))
    .map(([{ match, facts }, actions, written]) => ({ match, facts, actions, written })),
  settings.chain((setting) =>
    fc.tuple(soundActions(setting), actionSet(setting)).map(([actions, written]) => ({
      match: SETTINGS[setting] as Match,
      facts: readMatch(SETTING_TEXT[setting]),
      actions,
      written,
    })),
  ),
);

/** All instructions, some of them, or actions alone: a flow of `conjunction` may have no other. */
export const soundFlow = fc
  .tuple(
    doing,
    fc.subarray(['meter', 'clearActions', 'writeActions', 'writeMetadata']),
    fc.integer({ min: 1, max: 0xffff_0000 }),
    u64,
    u64,
    fc.option(fc.integer({ min: 201, max: 254 }), { nil: undefined }),
  )
  .map(([{ match, facts, actions, written }, chosen, meterId, metadata, mask, gotoTable]): SoundFlow => {
    const strict = actions.some(({ action }) => ['conjunction', 'writeMetadata', 'popMpls'].includes(action.type));
    const has = (type: string) => !strict && chosen.includes(type);
    const instructions: Instruction[] = [];
    const texts: string[] = [];
    const add = (instruction: Instruction, text: string) => {
      instructions.push(instruction);
      texts.push(text);
    };
    if (has('meter')) add({ type: 'meter', meterId }, `meter:${meterId}`);
    if (actions.length > 0) {
      add(
        { type: 'applyActions', actions: actions.map(({ action }) => action) },
        actions.map((each) => each.text).join(),
      );
    }
    if (has('clearActions')) add({ type: 'clearActions' }, 'clear_actions');
    if (has('writeActions')) {
      const inner = written.map((each) => each.text).join(',');
      add({ type: 'writeActions', actions: written.map(({ action }) => action) }, `write_actions(${inner})`);
    }
    if (has('writeMetadata')) {
      const whole = mask === 0xffff_ffff_ffff_ffffn ? '' : `/${mask}`;
      add({ type: 'writeMetadata', metadata, mask }, `write_metadata:${metadata}${whole}`);
    }
    if (!strict && gotoTable !== undefined) add({ type: 'gotoTable', tableId: gotoTable }, `goto_table:${gotoTable}`);
    return { match, facts, instructions, actions: texts.length === 0 ? 'drop' : plain(texts.join(',')) };
  });
