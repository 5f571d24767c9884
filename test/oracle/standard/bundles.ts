// Bundles, and messages in them (OpenFlow 1.4, 7.3.9).
import { bytes, type Cases, experimenter, FRAME, ken, kenExperimenter, XID } from './case.ts';
import { groupMod, kenGroupMod } from './groups.ts';

export const bundles: Cases = {};

bundles.bundleControl = [
  {
    type: 'bundleControl',
    bundleId: 50,
    control: 'discardRequest',
    flags: ['atomic', 'ordered'],
    properties: [],
  },
  ken('BundleCtrlMsg', { bundle_id: 50, type_: 6, flags: 3, properties: [] }),
];
bundles.bundleControlOfAnExperimenter = [
  { type: 'bundleControl', bundleId: 51, control: 'commitReply', flags: ['ordered'], properties: [experimenter] },
  ken('BundleCtrlMsg', { bundle_id: 51, type_: 5, flags: 2, properties: [kenExperimenter('BundleProp')] }),
];

bundles.bundleAdd = [
  { type: 'bundleAdd', bundleId: 52, flags: ['atomic'], message: { ...groupMod, xid: XID }, properties: [] },
  ken('BundleAddMsg', {
    bundle_id: 52,
    flags: 1,
    message: { ...kenGroupMod, xid: XID },
    properties: [],
  }),
];
bundles.bundleAddOfAnExperimenter = [
  {
    type: 'bundleAdd',
    bundleId: 53,
    flags: ['ordered'],
    message: {
      type: 'packetOut',
      bufferId: 0xffffffff,
      inPort: 54,
      actions: [{ type: 'output', port: 55, maxLen: 0 }],
      data: bytes(`${FRAME}aa`),
      xid: XID,
    },
    properties: [experimenter],
  },
  ken('BundleAddMsg', {
    bundle_id: 53,
    flags: 2,
    message: {
      ...ken('PacketOut', {
        buffer_id: 0xffffffff,
        in_port: 54,
        actions: [ken('ActionOutput', { port: 55, max_len: 0 })],
        data: { hex: `${FRAME}aa` },
      }),
      xid: XID,
    },
    properties: [kenExperimenter('BundleProp')],
  }),
];
