/** What switches are measured with: flows in ovs-ofctl's syntax, and rounds of frames that keep all of them busy. */

import { buildPacket } from '../../../src/packet/build.ts';
import { putU32, u32 } from '../../../src/packet/bytes.ts';
import { update32 } from '../../../src/packet/incremental-checksum.ts';

/** Frames that come in by one port, one after the other. */
export interface Burst {
  port: number;
  frames: readonly Uint8Array[];
}

export interface Pipeline {
  flows: readonly string[];
  /** The next round: different frames, or the same again. Each of its frames leaves by one port. */
  round(): readonly Burst[];
}

export const PORTS = 4;
const ROUTER = '02:00:00:00:00:fe';
const VLAN = 10;
const STATIONS = 256;
const NETWORKS = 64;
/** In a burst. */
const FRAMES = 64;

/** Rules of ten kinds, none of which the frames meet: each packet's lookup sees all of them. */
function accessRules(count: number): string[] {
  const kinds = [
    (n: number) => `tcp,nw_dst=10.${n % NETWORKS}.0.0/16,tp_dst=${1 + n}`,
    (n: number) => `udp,nw_dst=10.${n % NETWORKS}.0.0/16,tp_dst=${1 + n}`,
    (n: number) => `tcp,nw_src=172.16.${n % 250}.0/24,tp_dst=${1 + n}`,
    (n: number) => `udp,nw_src=172.16.${n % 250}.0/24,tp_src=${1 + n}`,
    (n: number) => `ip,nw_src=192.0.2.${n % 250},nw_dst=10.${n % NETWORKS}.${n % 250}.1`,
    (n: number) => `ip,nw_src=198.51.100.${n % 250},nw_dst=10.${n % NETWORKS}.${n % 250}.0/28`,
    (n: number) => `tcp,tp_src=${1 + n},tp_dst=${1 + n}`,
    (n: number) => `icmp,nw_dst=10.${n % NETWORKS}.${n % 250}.7`,
    (n: number) => `udp,nw_dst=203.0.113.${n % 250},tp_dst=${1 + n}`,
    (n: number) => `ip,reg1=${1 + (n % PORTS)},nw_dst=198.18.${n % 250}.0/24`,
  ];
  return Array.from(
    { length: count },
    (_, n) => `table=4,priority=${100 + n},${kinds[n % kinds.length]!(n)},actions=drop`,
  );
}

/** Port → VLAN → learned MAC → prefix, dec_ttl and new Ethernet addresses → 1,000 access rules → output. */
export function fiveTables(): Pipeline {
  const hex = (n: number) => n.toString(16).padStart(2, '0');
  const ports = Array.from({ length: PORTS }, (_, i) => i + 1);
  const flows = [
    ...ports.map((n) => `table=0,priority=10,in_port=${n},actions=load:${n}->NXM_NX_REG1[],goto_table:1`),
    ...ports.map(
      (n) => `table=1,priority=10,reg1=${n},vlan_tci=0x0000/0x1fff,actions=load:${VLAN}->NXM_NX_REG2[],goto_table:2`,
    ),
    `table=1,priority=20,dl_vlan=${VLAN},actions=strip_vlan,load:${VLAN}->NXM_NX_REG2[],goto_table:2`,
    `table=2,priority=20,reg2=${VLAN},dl_dst=${ROUTER},actions=goto_table:3`,
    ...Array.from(
      { length: STATIONS },
      (_, n) => `table=2,priority=10,reg2=${VLAN},dl_dst=02:00:00:01:00:${hex(n)},actions=output:${1 + (n % PORTS)}`,
    ),
    ...Array.from({ length: NETWORKS }, (_, n) => {
      const rewritten = `dec_ttl,mod_dl_src:${ROUTER},mod_dl_dst:02:00:00:02:00:${hex(n)}`;
      const out = 1 + (n % PORTS);
      return `table=3,priority=16,ip,nw_dst=10.${n}.0.0/16,actions=${rewritten},load:${out}->NXM_NX_REG3[],goto_table:4`;
    }),
    'table=3,priority=0,ip,actions=drop',
    ...accessRules(1000),
    'table=4,priority=0,actions=output:NXM_NX_REG3[]',
  ];
  const bursts = ports.map((port) => ({
    port,
    frames: Array.from({ length: FRAMES }, (_, i) => {
      // To a network behind another port.
      const network = (port + (i % (PORTS - 1)) + PORTS * i) % NETWORKS;
      const ports = { srcPort: 40_000 + i, dstPort: 50_000 + i };
      return buildPacket({
        eth: { src: `02:00:00:01:00:${hex(port)}`, dst: ROUTER },
        ...(i % 4 === 0 ? { vlans: [{ vid: VLAN }] } : {}),
        ipv4: { src: `10.${port - 1}.0.${1 + i}`, dst: `10.${network}.1.${1 + i}` },
        ...(i % 2 === 0 ? { udp: ports } : { tcp: { ...ports, flags: ['ack'] } }),
        payload: new Uint8Array(18),
      });
    }),
  }));
  return { flows, round: () => bursts };
}

const NAT_ADDRESS = '198.51.100.1';
const NEW_A_ROUND = FRAMES;
const EXCHANGES = 5;
const SERVER = 0xcb00_0000;

/** Inside is port 1, outside port 2; conntrack first, with source NAT: one packet in ten begins a connection. */
export function withNat(): Pipeline {
  const flows = [
    'table=0,priority=10,ip,actions=ct(zone=1,nat,table=1)',
    'table=1,priority=10,ct_state=+trk+est,ip,actions=goto_table:2',
    `table=1,priority=10,ct_state=+trk+new,ip,in_port=1,actions=ct(commit,zone=1,nat(src=${NAT_ADDRESS})),goto_table:2`,
    'table=2,priority=20,ip,nw_dst=10.0.0.0/8,actions=dec_ttl,mod_dl_src:02:00:00:00:00:fe,mod_dl_dst:02:00:00:00:00:01,output:1',
    'table=2,priority=10,ip,actions=dec_ttl,mod_dl_src:02:00:00:00:00:fd,mod_dl_dst:02:00:00:00:00:02,output:2',
  ];
  const client = (i: number) => `10.0.0.${1 + i}`;
  const frame = (i: number, isReply: boolean) =>
    buildPacket({
      eth: { src: '02:00:00:00:00:01', dst: ROUTER },
      ipv4: isReply ? { src: '203.0.0.0', dst: NAT_ADDRESS } : { src: client(i), dst: '203.0.0.0' },
      udp: isReply ? { srcPort: 53, dstPort: 40_000 + i } : { srcPort: 40_000 + i, dstPort: 53 },
      payload: new Uint8Array(18),
    });
  const requests = Array.from({ length: NEW_A_ROUND }, (_, i) => frame(i, false));
  const replies = Array.from({ length: NEW_A_ROUND }, (_, i) => frame(i, true));
  const bursts = Array.from({ length: 2 * EXCHANGES }, (_, i) =>
    i % 2 === 0 ? { port: 1, frames: requests } : { port: 2, frames: replies },
  );
  let server = 0;
  return {
    flows,
    /** All connections of a round are with a server of its own. */
    round() {
      server++;
      for (const each of requests) putAddress(each, 30, (SERVER + server) >>> 0);
      for (const each of replies) putAddress(each, 26, (SERVER + server) >>> 0);
      return bursts;
    },
  };
}

/** With the checksums of IPv4 and UDP. */
function putAddress(frame: Uint8Array, at: number, address: number): void {
  const before = u32(frame, at);
  update32(frame, 24, before, address);
  update32(frame, 40, before, address);
  putU32(frame, at, address);
}

export function framesIn(bursts: readonly Burst[]): number {
  return bursts.reduce((sum, { frames }) => sum + frames.length, 0);
}
