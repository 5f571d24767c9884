/** A frame as its headers, each read when it is first asked for. */

import type { Arp } from './arp.ts';
import { macAt } from './bytes.ts';
import type { Dhcp } from './dhcp.ts';
import type { Dns } from './dns.ts';
import type { VlanTag } from './ethernet.ts';
import type { Geneve } from './geneve.ts';
import type { Gre } from './gre.ts';
import type { ParsedIcmp } from './icmp.ts';
import type { Icmpv6 } from './icmpv6.ts';
import type { Igmp } from './igmp.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Ipv6 } from './ipv6.ts';
import type { Llc } from './llc.ts';
import type { Lldp } from './lldp.ts';
import type { MplsLabel } from './mpls.ts';
import type { Sctp } from './sctp.ts';
import {
  type ApplicationStage,
  applicationStage,
  type LabelStage,
  type LinkStage,
  labelStage,
  linkStage,
  type NetworkStage,
  networkStage,
  type TransportStage,
  transportStage,
} from './stages.ts';
import type { Tcp } from './tcp.ts';
import type { Udp } from './udp.ts';
import type { Vxlan } from './vxlan.ts';

export interface EthernetHeader {
  readonly dst: string;
  readonly src: string;
  /** Of what follows the innermost VLAN tag; below 0x600 it is the length of an 802.3 frame. */
  readonly ethType: number;
}

/**
 * Headers that are not there, cut or not sound are undefined, and their bytes `payload`. Positions (`payloadOffset` …) count in
 * `frame`; byte arrays are parts of it. Nothing throws, whatever the bytes.
 */
export interface Packet {
  readonly frame: Uint8Array;
  /** Not of what a tunnel carries without Ethernet. Each of its fields is read by itself. */
  readonly eth: EthernetHeader | undefined;
  /** Outermost first; empty where it is untagged. */
  readonly vlans: readonly VlanTag[];
  readonly llc: Llc | undefined;
  /** Outermost first; empty where there are no labels. What they carry is IP if it looks so. */
  readonly mpls: readonly MplsLabel[];
  readonly arp: Arp | undefined;
  readonly lldp: Lldp | undefined;
  readonly ipv4: Ipv4 | undefined;
  readonly ipv6: Ipv6 | undefined;
  readonly icmp: ParsedIcmp | undefined;
  readonly icmpv6: Icmpv6 | undefined;
  readonly igmp: Igmp | undefined;
  readonly tcp: Tcp | undefined;
  readonly udp: Udp | undefined;
  readonly sctp: Sctp | undefined;
  readonly gre: Gre | undefined;
  readonly dhcp: Dhcp | undefined;
  readonly dns: Dns | undefined;
  readonly vxlan: Vxlan | undefined;
  readonly geneve: Geneve | undefined;
  /** What VXLAN, Geneve, GRE, or IP in IP carries. */
  readonly inner: Packet | undefined;
  /** What an error of ICMP or ICMPv6 quotes; as a rule it is cut. */
  readonly quoted: Packet | undefined;
  /** Above the highest header that is understood; empty where that is `inner` or `quoted`. */
  readonly payload: Uint8Array;
  /** Behind the packet, as lengths say: Ethernet's padding. */
  readonly trailer: Uint8Array;
}

/** Packets in packets are read so deep, and no deeper. */
const DEEPEST = 8;

/** Of an Ethernet frame without FCS. The bytes must stay as they are while the packet is in use. */
export function dissect(frame: Uint8Array): Packet {
  return new LazyPacket(frame, undefined, 0);
}

/** Getters of a prototype: a packet that is asked for one field costs one small object. */
class LazyPacket implements Packet {
  readonly frame: Uint8Array;
  readonly #ethType: number | undefined;
  readonly #depth: number;
  #eth: EthernetHeader | undefined;
  #linkStage: LinkStage | undefined;
  #labelStage: LabelStage | undefined;
  #networkStage: NetworkStage | undefined;
  #transportStage: TransportStage | undefined;
  #applicationStage: ApplicationStage | undefined;
  #carried: Packet | undefined;

  /** `ethType`: of what does not begin with Ethernet. */
  constructor(frame: Uint8Array, ethType: number | undefined, depth: number) {
    this.frame = frame;
    this.#ethType = ethType;
    this.#depth = depth;
  }

  get #link(): LinkStage {
    if (this.#linkStage === undefined) {
      const { frame } = this;
      const next = this.#ethType;
      this.#linkStage =
        next === undefined ? linkStage(frame) : { vlans: [], ethType: next, next, at: 0, end: frame.length };
    }
    return this.#linkStage;
  }
  get #labels(): LabelStage {
    this.#labelStage ??= labelStage(this.frame, this.#link);
    return this.#labelStage;
  }
  get #network(): NetworkStage {
    this.#networkStage ??= networkStage(this.frame, this.#labels);
    return this.#networkStage;
  }
  get #transport(): TransportStage {
    this.#transportStage ??= transportStage(this.frame, this.#network);
    return this.#transportStage;
  }
  get #application(): ApplicationStage {
    this.#applicationStage ??= applicationStage(this.frame, this.#transport);
    return this.#applicationStage;
  }

  get eth(): EthernetHeader | undefined {
    if (this.#eth === undefined && this.#ethType === undefined && this.frame.length >= 14) {
      this.#eth = lazyEthernet(this.frame, () => this.#link.ethType);
    }
    return this.#eth;
  }
  get vlans(): readonly VlanTag[] {
    return this.#link.vlans;
  }
  get llc(): Llc | undefined {
    return this.#link.llc;
  }
  get mpls(): readonly MplsLabel[] {
    return this.#labels.mpls;
  }
  get arp(): Arp | undefined {
    return this.#network.arp;
  }
  get lldp(): Lldp | undefined {
    return this.#network.lldp;
  }
  get ipv4(): Ipv4 | undefined {
    return this.#network.ipv4;
  }
  get ipv6(): Ipv6 | undefined {
    return this.#network.ipv6;
  }
  get icmp(): ParsedIcmp | undefined {
    return this.#transport.icmp;
  }
  get icmpv6(): Icmpv6 | undefined {
    return this.#transport.icmpv6;
  }
  get igmp(): Igmp | undefined {
    return this.#transport.igmp;
  }
  get tcp(): Tcp | undefined {
    return this.#transport.tcp;
  }
  get udp(): Udp | undefined {
    return this.#transport.udp;
  }
  get sctp(): Sctp | undefined {
    return this.#transport.sctp;
  }
  get gre(): Gre | undefined {
    return this.#transport.gre;
  }
  get dhcp(): Dhcp | undefined {
    return this.#application.dhcp;
  }
  get dns(): Dns | undefined {
    return this.#application.dns;
  }
  get vxlan(): Vxlan | undefined {
    return this.#application.vxlan;
  }
  get geneve(): Geneve | undefined {
    return this.#application.geneve;
  }
  get inner(): Packet | undefined {
    return this.#carriedAs('inner');
  }
  get quoted(): Packet | undefined {
    return this.#carriedAs('quoted');
  }
  get payload(): Uint8Array {
    const { carried, at, end } = this.#application;
    return this.frame.subarray(carried !== undefined && this.#depth < DEEPEST ? end : at, end);
  }
  get trailer(): Uint8Array {
    return this.frame.subarray(this.#application.end);
  }

  #carriedAs(as: 'inner' | 'quoted'): Packet | undefined {
    const { carried, at, end } = this.#application;
    if (carried?.as !== as || this.#depth >= DEEPEST) return undefined;
    this.#carried ??= new LazyPacket(this.frame.subarray(at, end), carried.ethType, this.#depth + 1);
    return this.#carried;
  }
}

/** Own, enumerable getters: it compares and prints as the plain data that it stands for. */
function lazyEthernet(frame: Uint8Array, ethType: () => number): EthernetHeader {
  let dst: string | undefined;
  let src: string | undefined;
  return {
    get dst() {
      dst ??= macAt(frame, 0);
      return dst;
    },
    get src() {
      src ??= macAt(frame, 6);
      return src;
    },
    get ethType() {
      return ethType();
    },
  };
}
