// What `ovs-ofctl` sends when it asks a switch or changes it: our codec knows every part and writes the same bytes.
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { captureMessages } from './capture-flow-mods.ts';
import { strangeParts } from './strange-parts.ts';

const FRAME = 'ffffffffffff02000000000108060001080006040001020000000001c0000201000000000000c0000202'.padEnd(120, '0');

/** The command's words, what it sends that is not of every command, and options of ovs-ofctl. */
const COMMANDS: readonly [command: string, words: readonly string[], sent: string, options?: readonly string[]][] = [
  ['show', [], 'featuresRequest'],
  ['dump-desc', [], 'multipartRequest desc'],
  ['dump-tables', [], 'multipartRequest table'],
  ['dump-table-features', [], 'multipartRequest tableFeatures'],
  ['dump-table-desc', [], 'multipartRequest tableDesc'],
  ['dump-flows', [], 'multipartRequest flow'],
  ['dump-flows', ['table=3,tcp,nw_src=10.0.0.0/8,tp_dst=80'], 'multipartRequest flow'],
  ['dump-flows', ['out_port=3,cookie=0x5/0xff'], 'multipartRequest flow'],
  ['dump-aggregate', ['table=3,ct_state=+est+trk,ip,ct_label=5/0xff,reg3=7'], 'multipartRequest aggregate'],
  ['dump-ports', ['3'], 'multipartRequest portStats'],
  ['dump-ports', [], 'multipartRequest portStats'],
  ['dump-ports-desc', [], 'multipartRequest portDesc'],
  ['queue-stats', [], 'multipartRequest queueStats'],
  ['queue-stats', ['3', '7'], 'multipartRequest queueStats'],
  ['queue-get-config', ['3', '7'], 'multipartRequest queueDesc'],
  ['dump-groups', [], 'multipartRequest groupDesc'],
  ['dump-group-stats', ['group_id=5'], 'multipartRequest group'],
  ['dump-group-stats', [], 'multipartRequest group'],
  ['dump-group-features', [], 'multipartRequest groupFeatures'],
  ['dump-meters', [], 'multipartRequest meterConfig'],
  ['dump-meter', ['meter=3'], 'multipartRequest meterConfig'],
  ['meter-stats', ['meter=3'], 'multipartRequest meter'],
  ['meter-stats', ['meter=all'], 'multipartRequest meter'],
  ['meter-features', [], 'multipartRequest meterFeatures'],
  ['del-meters', [], 'meterMod'],
  ['del-meter', ['meter=slowpath'], 'meterMod'],
  ['mod-meter', ['meter=3,kbps,burst,bands=type=drop,rate=10,burst_size=20'], 'meterMod'],
  ['del-groups', ['group_id=7'], 'groupMod'],
  ['mod-group', ['group_id=7,type=all,bucket=output:3'], 'groupMod'],
  ['del-flows', ['cookie=0xf101000000000000/0xffff000000000000,table=4'], 'flowMod'],
  ['del-flows', ['table=4,priority=7,arp'], 'flowMod', ['--strict']],
  ['mod-flows', ['table=4,ip,actions=output:7'], 'flowMod'],
  ['get-frags', [], 'getConfigRequest'],
  ['set-frags', ['reassemble'], 'setConfig'],
  ['packet-out', [`in_port=3,packet=${FRAME},actions=set_field:5->reg0,resubmit(,7)`], 'packetOut'],
  ['packet-out', [`in_port=controller,packet=${FRAME},actions=ct(zone=5,nat,table=7)`], 'packetOut'],
  ['add-flow', ['table=4,actions=drop'], 'bundleControl openRequest', ['--bundle']],
  ['add-flow', ['table=4,actions=drop'], 'bundleAdd', ['--bundle']],
  ['add-group', ['group_id=7,type=all,bucket=output:3'], 'bundleControl commitRequest', ['--bundle']],
  ['probe', [], 'echoRequest'],
  ['ping', ['64'], 'echoRequest'],
  ['dump-ipfix-bridge', [], 'multipartRequest ipfixBridge'],
  ['dump-ipfix-flow', [], 'multipartRequest ipfixFlow'],
  ['ct-flush-zone', ['5'], 'ctFlushZone'],
  ['ct-flush', ['zone=5,ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80'], 'ctFlush'],
  ['add-tlv-map', ['{class=0xffff,type=0,len=4}->tun_metadata0'], 'tlvTableMod'],
  ['del-tlv-map', [], 'tlvTableMod'],
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function kindOf(message: Message): string {
  if ('kind' in message) return `${message.type} ${message.kind}`;
  return message.type === 'bundleControl' ? `${message.type} ${message.control}` : message.type;
}

describe('what ovs-ofctl sends', () => {
  test.each(COMMANDS)('%s %j', async (command, words, sent, options = []) => {
    const captured = await captureMessages(command, words, '', options, { mayFail: true });
    const messages = captured.map((bytes) => decodeMessage(bytes));
    expect(messages.map(kindOf)).toContain(sent);
    expect(messages.flatMap(strangeParts)).toEqual([]);
    expect(messages.map((message) => hex(encodeMessage(message)))).toEqual(captured.map(hex));
  });
});
