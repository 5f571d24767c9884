// What `ovs-ofctl ofp-print` of Open vSwitch 3.1 says of each of MULTIPARTS, without the xid; checked by eye, value by value.

/** By the message's name; those that it knows nothing of are missing. */
export const PRINTED: Readonly<Record<string, string>> = {
  'request desc': 'OFPST_DESC request:',
  'reply desc': `OFPST_DESC reply:
Manufacturer: Makers
Hardware: Hardware 1
Software: Software 2
Serial Num: Serial 3
DP Description: Datapath 4`,
  'request flow': 'OFPST_FLOW request: table=11 out_port=12 tcp,in_port=18,tp_dst=19',
  'reply flow': `OFPST_FLOW reply:
 cookie=0x28, duration=22.023s, table=21, n_packets=29, n_bytes=30, idle_timeout=25, hard_timeout=26, send_flow_rem check_overlap reset_counts no_packet_counts no_byte_counts importance=27, priority=24,arp,arp_op=2 actions=meter:31,output:32,clear_actions,write_actions(group:34),write_metadata:0x35/0xff,goto_table:36`,
  'request aggregate': 'OFPST_AGGREGATE request: table=41 out_port=42 tcp,in_port=18,tp_dst=19',
  'reply aggregate': 'OFPST_AGGREGATE reply: packet_count=44 byte_count=45 flow_count=46',
  'request table': 'OFPST_TABLE request:',
  'reply table': `OFPST_TABLE reply:
  table 51:
    active=52, lookup=53, matched=54

  table 55:
    active=56, lookup=57, matched=58`,
  'request portStats': 'OFPST_PORT request: port_no=61',
  'reply portStats': `OFPST_PORT reply: 1 ports
  port 62: rx pkts=65, bytes=67, drop=69, errs=71, frame=73, over=74, crc=75
           tx pkts=66, bytes=68, drop=70, errs=72, coll=76
           duration=63.064s`,
  'reply portStats optical': `OFPST_PORT reply: 1 ports
  port LOCAL: rx pkts=165, bytes=167, drop=169, errs=171, frame=?, over=?, crc=?
           tx pkts=166, bytes=168, drop=170, errs=172, coll=?
           duration=163.164s`,
  'request queueStats': 'OFPST_QUEUE request: port=81 queue=82',
  'request queueStats all': 'OFPST_QUEUE request: port=ANY queue=ALL',
  'reply queueStats': `OFPST_QUEUE reply: 2 queues
  port 83 queue 84: bytes=85, pkts=86, errors=87, duration=88.089s
  port 183 queue 184: bytes=185, pkts=186, errors=187, duration=188.189s`,
  'request group': 'OFPST_GROUP request: group_id=91',
  'request group all': 'OFPST_GROUP request: group_id=ALL',
  'reply group': `OFPST_GROUP reply:
 group_id=92,duration=96.097s,ref_count=93,packet_count=94,byte_count=95,bucket0:packet_count=98,byte_count=99,bucket1:packet_count=100,byte_count=101`,
  'request groupDesc': 'OFPST_GROUP_DESC request: group_id=ALL',
  'reply groupDesc': `OFPST_GROUP_DESC reply:
 group_id=111,type=select,bucket=weight:112,actions=output:113,bucket=weight:114,actions=output:115
 group_id=116,type=ff,bucket=watch_port:117,watch_group:118,actions=set_queue:119
 group_id=120,type=all
 group_id=121,type=indirect,bucket=actions=pop_vlan`,
  'request groupFeatures': 'OFPST_GROUP_FEATURES request:',
  'reply groupFeatures': `OFPST_GROUP_FEATURES reply:
 Group table:
    Types:  0x5
    Capabilities:  0xd
    all group:
       max_groups=0x83
       actions: output strip_vlan push_vlan set_mpls_ttl dec_mpls_ttl
    indirect group:
       max_groups=0x85
       actions: group mod_nw_ttl set_queue`,
  'reply groupFeatures other': `OFPST_GROUP_FEATURES reply:
 Group table:
    Types:  0xa
    Capabilities:  0x2
    select group:
       max_groups=0x88
       actions: output group
    fast failover group:
       max_groups=0x8a
       actions: set_field`,
  'request meter': 'OFPST_METER request: meter=141',
  'request meter reserved': 'OFPST_METER request: meter=slowpath',
  'reply meter': `OFPST_METER reply:
meter:142 flow_count:143 packet_in_count:144 byte_in_count:145 duration:146.147s bands:
0: packet_count:148 byte_count:149
1: packet_count:150 byte_count:151`,
  'request meterConfig': 'OFPST_METER_CONFIG request: meter=152',
  'request meterConfig reserved': 'OFPST_METER_CONFIG request: meter=controller',
  'reply meterConfig': `OFPST_METER_CONFIG reply:
meter=153 kbps burst stats bands=
type=drop rate=154 burst_size=155
type=dscp_remark rate=156 burst_size=157 prec_level=158

meter=159 pktps bands=
type=drop rate=160`,
  'request meterFeatures': 'OFPST_METER_FEATURES request:',
  'reply meterFeatures': `OFPST_METER_FEATURES reply:
max_meter:161 max_bands:162 max_color:163
band_types: drop dscp_remark
capabilities: kbps pktps burst stats`,
  'reply meterFeatures other': `OFPST_METER_FEATURES reply:
max_meter:164 max_bands:165 max_color:166
band_types: dscp_remark
capabilities: pktps stats`,
  'request tableFeatures': 'OFPST_TABLE_FEATURES request:',
  'request tableFeatures to set': `OFPST_TABLE_FEATURES request:
  table 3 ("classify"):
    metadata: match=0xfe01 write=0xfe02
    eviction: supported
    vacancy events: supported
    max_entries=304
    instructions (other than table miss):
      next tables: 5-7
      instructions: write_actions goto_table
      Write-Actions features:
        actions: output group
        supported on Set-Field: ct_mark eth_src
      Apply-Actions features:
        actions: set_field strip_vlan push_vlan
        supported on Set-Field: reg3 vlan_vid
    instructions (table miss):
      next tables: 200,253
      instructions: meter apply_actions clear_actions
      Write-Actions features:
        actions: set_queue
        supported on Set-Field: eth_dst
      Apply-Actions features:
        actions: set_mpls_ttl push_mpls pop_mpls
        supported on Set-Field: nw_ecn
    matching:
      arbitrary mask: ip_src tcp_flags
      exact match or wildcard: in_port_oxm
      must exact match: eth_type`,
  'request tableFeatures of no lengths': `OFPST_TABLE_FEATURES request:
  table 3 ("classify"):
    metadata: match=0xfe01 write=0xfe02
    eviction: supported
    vacancy events: supported
    max_entries=304
    instructions (other than table miss):
      next tables: 5-7
      instructions: write_actions goto_table
      Write-Actions features:
        actions: output group
      Apply-Actions features:
        actions: set_field strip_vlan push_vlan
    instructions (table miss):
      next tables: 200,253
      instructions: meter apply_actions clear_actions
      Write-Actions features:
        actions: set_queue
      Apply-Actions features:
        actions: set_mpls_ttl push_mpls pop_mpls`,
  'reply tableFeatures': `OFPST_TABLE_FEATURES reply:
  table 3 ("classify"):
    metadata: match=0xfe01 write=0xfe02
    eviction: supported
    vacancy events: supported
    max_entries=304
    instructions (other than table miss):
      next tables: 5-7
      instructions: write_actions goto_table
      Write-Actions features:
        actions: output group
        supported on Set-Field: ct_mark eth_src
      Apply-Actions features:
        actions: set_field strip_vlan push_vlan
        supported on Set-Field: reg3 vlan_vid
    instructions (table miss):
      next tables: 200,253
      instructions: meter apply_actions clear_actions
      Write-Actions features:
        actions: set_queue
        supported on Set-Field: eth_dst
      Apply-Actions features:
        actions: set_mpls_ttl push_mpls pop_mpls
        supported on Set-Field: nw_ecn
    matching:
      arbitrary mask: ip_src tcp_flags
      exact match or wildcard: in_port_oxm
      must exact match: eth_type`,
  'request portDesc': 'OFPST_PORT_DESC request: port=ANY',
  'reply portDesc': `OFPST_PORT_DESC reply:
 171(port174): addr:0a:17:20:17:30:17
     config:     PORT_DOWN NO_RECV NO_FWD NO_PACKET_IN
     state:      LINK_DOWN BLOCKED LIVE
     current:    10MB-HD 100MB-FD COPPER
     advertised: 1GB-FD FIBER AUTO_NEG
     supported:  10GB-FD AUTO_PAUSE
     peer:       40GB-FD AUTO_PAUSE_ASYM
     speed: 175 Mbps now, 176 Mbps max`,
  'reply portDesc optical': `OFPST_PORT_DESC reply:
 181(port184): addr:0a:18:20:18:30:18
     config:     0
     state:      0
     speed: 0 Mbps now, 0 Mbps max`,
  'request tableDesc': 'OFPST_TABLE_DESC request:',
  'reply tableDesc': `OFPST_TABLE_DESC reply:
  table 201:
   eviction=on eviction_flags=OTHER|IMPORTANCE|LIFETIME
   vacancy=on vacancy_down=22% vacancy_up=33% vacancy=44%

  table 202:
   eviction=off eviction_flags=IMPORTANCE
   vacancy=off`,
  'request queueDesc': 'OFPST_QUEUE_DESC request: port=211 queue=212',
  'request queueDesc all': 'OFPST_QUEUE_DESC request: port=ANY',
  'reply queueDesc': `OFPST_QUEUE_DESC reply: port=213
queue 214: min_rate:21.5% max_rate:21.6%
port=217
queue 218: max_rate:(disabled)`,
  'request flowMonitor': `OFPST_FLOW_MONITOR request:
 id=221 flags=initial,add,delete,modify,actions,own out_port=222 out_group=223 table=224 udp6,tp_src=225
 id=226 flags=delete
 id=227 command=delete`,
  'reply flowMonitor': `OFPST_FLOW_MONITOR reply:
 event=INITIAL table=231 idle_timeout=232 hard_timeout=233 cookie=0x235 ip,nw_src=10.0.0.0/8 actions=goto_table:236
 event=ADDED table=237 idle_timeout=232 hard_timeout=233 cookie=0x238 ip,nw_src=10.0.0.0/8 actions=goto_table:236
 event=MODIFIED table=239 cookie=0x235 ip,nw_src=10.0.0.0/8 actions=goto_table:236
 event=DELETED reason=hard table=240 idle_timeout=232 hard_timeout=233 cookie=0x235 ip,nw_src=10.0.0.0/8
 event=DELETED reason=eviction table=241 idle_timeout=232 hard_timeout=233 cookie=0x235 ip,nw_src=10.0.0.0/8
 event=ABBREV xid=0x242
 event=PAUSED
 event=RESUMED`,
  'reply flowMonitor in part': `OFPST_FLOW_MONITOR reply:
 event=INITIAL table=231 idle_timeout=232 hard_timeout=233 cookie=0x235 ip,nw_src=10.0.0.0/8 actions=goto_table:236
 event=ABBREV xid=0x244
 event=PAUSED`,
  'request ipfixBridge': 'NXST_IPFIX_BRIDGE request:',
  'reply ipfixBridge': `NXST_IPFIX_BRIDGE reply:
  bridge ipfix: flows=301, current flows=302, sampled pkts=303, ipv4 ok=304, ipv6 ok=305, tx pkts=309
                pkts errs=306, ipv4 errs=307, ipv6 errs=308, tx errs=310`,
  'request ipfixFlow': 'NXST_IPFIX_FLOW request:',
  'reply ipfixFlow': `NXST_IPFIX_FLOW reply: 1 ids
  id 321: flows=311, current flows=312, sampled pkts=313, ipv4 ok=314, ipv6 ok=315, tx pkts=319
          pkts errs=316, ipv4 errs=317, ipv6 errs=318, tx errs=320`,
};
