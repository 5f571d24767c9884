/** Instructions and actions without what they say, as table features name them (OpenFlow 1.4, 7.3.5.6.2): type and length. */

import { structure } from '../wire/codec.ts';
import { rest, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

const id = <const T extends string>(type: T) => struct({}, type);

/** What follows is the experimenter's: which of its instructions or actions. */
const experimenter = struct({ experimenter: u32, data: rest }, 'experimenter');

export const instructionId = structure(
  'ofp_instruction_id',
  tagged(
    {
      gotoTable: [1, id('gotoTable')],
      writeMetadata: [2, id('writeMetadata')],
      writeActions: [3, id('writeActions')],
      applyActions: [4, id('applyActions')],
      clearActions: [5, id('clearActions')],
      meter: [6, id('meter')],
      experimenter: [0xffff, experimenter],
    },
    { padding: 'none' },
  ),
);

export const actionId = structure(
  'ofp_action_id',
  tagged(
    {
      output: [0, id('output')],
      copyTtlOut: [11, id('copyTtlOut')],
      copyTtlIn: [12, id('copyTtlIn')],
      setMplsTtl: [15, id('setMplsTtl')],
      decMplsTtl: [16, id('decMplsTtl')],
      pushVlan: [17, id('pushVlan')],
      popVlan: [18, id('popVlan')],
      pushMpls: [19, id('pushMpls')],
      popMpls: [20, id('popMpls')],
      setQueue: [21, id('setQueue')],
      group: [22, id('group')],
      setNwTtl: [23, id('setNwTtl')],
      decNwTtl: [24, id('decNwTtl')],
      setField: [25, id('setField')],
      pushPbb: [26, id('pushPbb')],
      popPbb: [27, id('popPbb')],
      experimenter: [0xffff, experimenter],
    },
    { padding: 'none' },
  ),
);
