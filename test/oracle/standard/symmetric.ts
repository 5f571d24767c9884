// Hello, errors, echo, features, configuration and barriers (OpenFlow 1.4, 7.3.1, 7.3.2, 7.3.7, 7.5).
import { bytes, type Cases, ken } from './case.ts';

export const symmetric: Cases = {};

symmetric.hello = [
  { type: 'hello', elements: [{ type: 'versionBitmap', versions: [1, 4, 5, 6] }] },
  // os-ken writes no hello of its own, and reads one for ever.
  undefined,
];

symmetric.error = [
  { type: 'error', errorType: 'badAction', code: 'badOutGroup', data: bytes('0500000800000009') },
  ken('ErrorMsg', { type_: 2, code: 9, data: { hex: '0500000800000009' } }),
];
symmetric.errorOfAnExperimenter = [
  { type: 'error', errorType: 'experimenter', experimenterType: 12, experimenter: 0x2320, data: bytes('0102030405') },
  ken('ErrorMsg', { type_: 0xffff, exp_type: 12, experimenter: 0x2320, data: { hex: '0102030405' } }),
];
symmetric.echoRequest = [
  { type: 'echoRequest', data: bytes('01020304') },
  ken('EchoRequest', { data: { hex: '01020304' } }),
];
symmetric.echoReply = [{ type: 'echoReply', data: bytes('0a0b0c') }, ken('EchoReply', { data: { hex: '0a0b0c' } })];
symmetric.experimenter = [
  { type: 'experimenter', experimenter: 0x00abcdef, experimenterType: 0x1234, body: bytes('05060708') },
  ken('Experimenter', { experimenter: 0xabcdef, exp_type: 0x1234, data: { hex: '05060708' } }),
];

symmetric.featuresRequest = [{ type: 'featuresRequest' }, ken('FeaturesRequest')];
symmetric.featuresReply = [
  {
    type: 'featuresReply',
    datapathId: 0x0011_2233_4455_6677n,
    nBuffers: 256,
    nTables: 254,
    auxiliaryId: 3,
    capabilities: ['flowStats', 'tableStats', 'portStats', 'groupStats', 'ipReasm', 'queueStats', 'portBlocked'],
    reserved: 0,
  },
  ken('SwitchFeatures', {
    datapath_id: { int: '0x0011223344556677' },
    n_buffers: 256,
    n_tables: 254,
    auxiliary_id: 3,
    capabilities: 0x16f,
  }),
];
symmetric.getConfigRequest = [{ type: 'getConfigRequest' }, ken('GetConfigRequest')];
symmetric.getConfigReply = [
  { type: 'getConfigReply', flags: 'reassemble', missSendLen: 129 },
  ken('GetConfigReply', { flags: 2, miss_send_len: 129 }),
];
symmetric.setConfig = [
  { type: 'setConfig', flags: 'drop', missSendLen: 130 },
  ken('SetConfig', { flags: 1, miss_send_len: 130 }),
];

symmetric.barrierRequest = [{ type: 'barrierRequest' }, ken('BarrierRequest')];
symmetric.barrierReply = [{ type: 'barrierReply' }, ken('BarrierReply')];
