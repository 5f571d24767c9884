/**
 * Every table and column of Open vSwitch's own database (ovs-vswitchd.conf.db(5)), schema 8.3.1.
 * Written by scripts/ovsdb-schema.ts from vswitch.ovsschema beside it, which is taken as it is from Open vSwitch 3.1
 * (vswitchd/vswitch.ovsschema, Apache License 2.0): change that, never this.
 */
import { map, optional, scalar, set } from './column-type.ts';
import { defineDatabase } from './definition.ts';
import type { RowOf } from './row.ts';

export const vswitch = defineDatabase({
  name: 'Open_vSwitch',
  version: '8.3.1',
  tables: {
    Open_vSwitch: {
      datapaths: map('string', 'uuid', { value: { refTable: 'Datapath' } }),
      bridges: set('uuid', { refTable: 'Bridge' }),
      manager_options: set('uuid', { refTable: 'Manager' }),
      ssl: optional('uuid', { refTable: 'SSL' }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
      next_cfg: scalar('integer'),
      cur_cfg: scalar('integer'),
      statistics: map('string', 'string', { ephemeral: true }),
      ovs_version: optional('string'),
      db_version: optional('string'),
      system_type: optional('string'),
      system_version: optional('string'),
      datapath_types: set('string'),
      iface_types: set('string'),
      dpdk_initialized: scalar('boolean'),
      dpdk_version: optional('string'),
    },
    Bridge: {
      name: scalar('string', { mutable: false }),
      datapath_type: scalar('string'),
      datapath_version: scalar('string'),
      datapath_id: optional('string', { ephemeral: true }),
      stp_enable: scalar('boolean'),
      rstp_enable: scalar('boolean'),
      mcast_snooping_enable: scalar('boolean'),
      ports: set('uuid', { refTable: 'Port' }),
      mirrors: set('uuid', { refTable: 'Mirror' }),
      netflow: optional('uuid', { refTable: 'NetFlow' }),
      sflow: optional('uuid', { refTable: 'sFlow' }),
      ipfix: optional('uuid', { refTable: 'IPFIX' }),
      controller: set('uuid', { refTable: 'Controller' }),
      protocols: set('string', {
        enum: ['OpenFlow10', 'OpenFlow11', 'OpenFlow12', 'OpenFlow13', 'OpenFlow14', 'OpenFlow15'],
      }),
      fail_mode: optional('string', { enum: ['standalone', 'secure'] }),
      status: map('string', 'string', { ephemeral: true }),
      rstp_status: map('string', 'string', { ephemeral: true }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
      flood_vlans: set('integer', { minInteger: 0, maxInteger: 4095, max: 4096 }),
      flow_tables: map('integer', 'uuid', {
        key: { minInteger: 0, maxInteger: 254 },
        value: { refTable: 'Flow_Table' },
      }),
      auto_attach: optional('uuid', { refTable: 'AutoAttach' }),
    },
    Port: {
      name: scalar('string', { mutable: false }),
      interfaces: set('uuid', { refTable: 'Interface', min: 1 }),
      trunks: set('integer', { minInteger: 0, maxInteger: 4095, max: 4096 }),
      cvlans: set('integer', { minInteger: 0, maxInteger: 4095, max: 4096 }),
      tag: optional('integer', { minInteger: 0, maxInteger: 4095 }),
      vlan_mode: optional('string', { enum: ['trunk', 'access', 'native-tagged', 'native-untagged', 'dot1q-tunnel'] }),
      qos: optional('uuid', { refTable: 'QoS' }),
      mac: optional('string'),
      bond_mode: optional('string', { enum: ['balance-tcp', 'balance-slb', 'active-backup'] }),
      lacp: optional('string', { enum: ['active', 'passive', 'off'] }),
      bond_updelay: scalar('integer'),
      bond_downdelay: scalar('integer'),
      bond_active_slave: optional('string'),
      bond_fake_iface: scalar('boolean'),
      fake_bridge: scalar('boolean'),
      status: map('string', 'string', { ephemeral: true }),
      rstp_status: map('string', 'string', { ephemeral: true }),
      rstp_statistics: map('string', 'integer', { ephemeral: true }),
      statistics: map('string', 'integer', { ephemeral: true }),
      protected: scalar('boolean'),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Interface: {
      name: scalar('string', { mutable: false }),
      type: scalar('string'),
      options: map('string', 'string'),
      ingress_policing_rate: scalar('integer', { minInteger: 0 }),
      ingress_policing_burst: scalar('integer', { minInteger: 0 }),
      ingress_policing_kpkts_rate: scalar('integer', { minInteger: 0 }),
      ingress_policing_kpkts_burst: scalar('integer', { minInteger: 0 }),
      mac_in_use: optional('string', { ephemeral: true }),
      mac: optional('string'),
      ifindex: optional('integer', { minInteger: 0, maxInteger: 4294967295, ephemeral: true }),
      external_ids: map('string', 'string'),
      ofport: optional('integer'),
      ofport_request: optional('integer', { minInteger: 1, maxInteger: 65279 }),
      bfd: map('string', 'string'),
      bfd_status: map('string', 'string', { ephemeral: true }),
      cfm_mpid: optional('integer'),
      cfm_remote_mpids: set('integer', { ephemeral: true }),
      cfm_flap_count: optional('integer'),
      cfm_fault: optional('boolean', { ephemeral: true }),
      cfm_fault_status: set('string', { ephemeral: true }),
      cfm_remote_opstate: optional('string', { enum: ['up', 'down'], ephemeral: true }),
      cfm_health: optional('integer', { minInteger: 0, maxInteger: 100, ephemeral: true }),
      lacp_current: optional('boolean', { ephemeral: true }),
      lldp: map('string', 'string'),
      other_config: map('string', 'string'),
      statistics: map('string', 'integer', { ephemeral: true }),
      status: map('string', 'string', { ephemeral: true }),
      admin_state: optional('string', { enum: ['up', 'down'], ephemeral: true }),
      link_state: optional('string', { enum: ['up', 'down'], ephemeral: true }),
      link_resets: optional('integer', { ephemeral: true }),
      link_speed: optional('integer', { ephemeral: true }),
      duplex: optional('string', { enum: ['half', 'full'], ephemeral: true }),
      mtu: optional('integer', { ephemeral: true }),
      mtu_request: optional('integer', { minInteger: 1 }),
      error: optional('string'),
    },
    Flow_Table: {
      name: optional('string'),
      flow_limit: optional('integer', { minInteger: 0 }),
      overflow_policy: optional('string', { enum: ['refuse', 'evict'] }),
      groups: set('string'),
      prefixes: set('string', { max: 3 }),
      external_ids: map('string', 'string'),
    },
    QoS: {
      type: scalar('string'),
      queues: map('integer', 'uuid', { key: { minInteger: 0, maxInteger: 4294967295 }, value: { refTable: 'Queue' } }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Queue: {
      dscp: optional('integer', { minInteger: 0, maxInteger: 63 }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Mirror: {
      name: scalar('string'),
      select_all: scalar('boolean'),
      select_src_port: set('uuid', { refTable: 'Port', refType: 'weak' }),
      select_dst_port: set('uuid', { refTable: 'Port', refType: 'weak' }),
      select_vlan: set('integer', { minInteger: 0, maxInteger: 4095, max: 4096 }),
      output_port: optional('uuid', { refTable: 'Port', refType: 'weak' }),
      output_vlan: optional('integer', { minInteger: 1, maxInteger: 4095 }),
      snaplen: optional('integer', { minInteger: 14, maxInteger: 65535 }),
      statistics: map('string', 'integer', { ephemeral: true }),
      external_ids: map('string', 'string'),
    },
    NetFlow: {
      targets: set('string', { min: 1 }),
      engine_type: optional('integer', { minInteger: 0, maxInteger: 255 }),
      engine_id: optional('integer', { minInteger: 0, maxInteger: 255 }),
      add_id_to_interface: scalar('boolean'),
      active_timeout: scalar('integer', { minInteger: -1 }),
      external_ids: map('string', 'string'),
    },
    sFlow: {
      targets: set('string', { min: 1 }),
      sampling: optional('integer'),
      polling: optional('integer'),
      header: optional('integer'),
      agent: optional('string'),
      external_ids: map('string', 'string'),
    },
    IPFIX: {
      targets: set('string'),
      sampling: optional('integer', { minInteger: 1, maxInteger: 4294967295 }),
      obs_domain_id: optional('integer', { minInteger: 0, maxInteger: 4294967295 }),
      obs_point_id: optional('integer', { minInteger: 0, maxInteger: 4294967295 }),
      cache_active_timeout: optional('integer', { minInteger: 0, maxInteger: 4200 }),
      cache_max_flows: optional('integer', { minInteger: 0, maxInteger: 4294967295 }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    Flow_Sample_Collector_Set: {
      id: scalar('integer', { minInteger: 0, maxInteger: 4294967295 }),
      bridge: scalar('uuid', { refTable: 'Bridge' }),
      ipfix: optional('uuid', { refTable: 'IPFIX' }),
      external_ids: map('string', 'string'),
    },
    Controller: {
      type: optional('string', { enum: ['primary', 'service'] }),
      target: scalar('string'),
      max_backoff: optional('integer', { minInteger: 1000 }),
      inactivity_probe: optional('integer'),
      connection_mode: optional('string', { enum: ['in-band', 'out-of-band'] }),
      local_ip: optional('string'),
      local_netmask: optional('string'),
      local_gateway: optional('string'),
      enable_async_messages: optional('boolean'),
      controller_queue_size: optional('integer', { minInteger: 1, maxInteger: 512 }),
      controller_rate_limit: optional('integer', { minInteger: 100 }),
      controller_burst_limit: optional('integer', { minInteger: 25 }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
      is_connected: scalar('boolean', { ephemeral: true }),
      role: optional('string', { enum: ['other', 'master', 'slave'], ephemeral: true }),
      status: map('string', 'string', { ephemeral: true }),
    },
    Manager: {
      target: scalar('string'),
      max_backoff: optional('integer', { minInteger: 1000 }),
      inactivity_probe: optional('integer'),
      connection_mode: optional('string', { enum: ['in-band', 'out-of-band'] }),
      other_config: map('string', 'string'),
      external_ids: map('string', 'string'),
      is_connected: scalar('boolean', { ephemeral: true }),
      status: map('string', 'string', { ephemeral: true }),
    },
    Datapath: {
      datapath_version: scalar('string'),
      ct_zones: map('integer', 'uuid', { key: { minInteger: 0, maxInteger: 65535 }, value: { refTable: 'CT_Zone' } }),
      capabilities: map('string', 'string'),
      external_ids: map('string', 'string'),
    },
    CT_Zone: {
      timeout_policy: optional('uuid', { refTable: 'CT_Timeout_Policy' }),
      external_ids: map('string', 'string'),
    },
    CT_Timeout_Policy: {
      timeouts: map('string', 'integer', {
        key: {
          enum: [
            'tcp_syn_sent',
            'tcp_syn_recv',
            'tcp_established',
            'tcp_fin_wait',
            'tcp_close_wait',
            'tcp_last_ack',
            'tcp_time_wait',
            'tcp_close',
            'tcp_syn_sent2',
            'tcp_retransmit',
            'tcp_unack',
            'udp_first',
            'udp_single',
            'udp_multiple',
            'icmp_first',
            'icmp_reply',
          ],
        },
        value: { minInteger: 0, maxInteger: 4294967295 },
      }),
      external_ids: map('string', 'string'),
    },
    SSL: {
      private_key: scalar('string'),
      certificate: scalar('string'),
      ca_cert: scalar('string'),
      bootstrap_ca_cert: scalar('boolean'),
      external_ids: map('string', 'string'),
    },
    AutoAttach: {
      system_name: scalar('string'),
      system_description: scalar('string'),
      mappings: map('integer', 'integer', {
        key: { minInteger: 0, maxInteger: 16777215 },
        value: { minInteger: 0, maxInteger: 4095 },
      }),
    },
  },
  rules: {
    Open_vSwitch: { isRoot: true, maxRows: 1 },
    Bridge: { indexes: [['name']] },
    Port: { indexes: [['name']] },
    Interface: { indexes: [['name']] },
    QoS: { isRoot: true },
    Queue: { isRoot: true },
    Flow_Sample_Collector_Set: { isRoot: true, indexes: [['id', 'bridge']] },
    Manager: { indexes: [['target']] },
    SSL: { maxRows: 1 },
  },
});

export type VswitchTables = typeof vswitch.tables;
export type OpenVswitchRow = RowOf<VswitchTables['Open_vSwitch']>;
export type BridgeRow = RowOf<VswitchTables['Bridge']>;
export type PortRow = RowOf<VswitchTables['Port']>;
export type InterfaceRow = RowOf<VswitchTables['Interface']>;
export type FlowTableRow = RowOf<VswitchTables['Flow_Table']>;
export type QoSRow = RowOf<VswitchTables['QoS']>;
export type QueueRow = RowOf<VswitchTables['Queue']>;
export type MirrorRow = RowOf<VswitchTables['Mirror']>;
export type NetFlowRow = RowOf<VswitchTables['NetFlow']>;
export type SflowRow = RowOf<VswitchTables['sFlow']>;
export type IpfixRow = RowOf<VswitchTables['IPFIX']>;
export type FlowSampleCollectorSetRow = RowOf<VswitchTables['Flow_Sample_Collector_Set']>;
export type ControllerRow = RowOf<VswitchTables['Controller']>;
export type ManagerRow = RowOf<VswitchTables['Manager']>;
export type DatapathRow = RowOf<VswitchTables['Datapath']>;
export type CtZoneRow = RowOf<VswitchTables['CT_Zone']>;
export type CtTimeoutPolicyRow = RowOf<VswitchTables['CT_Timeout_Policy']>;
export type SslRow = RowOf<VswitchTables['SSL']>;
export type AutoAttachRow = RowOf<VswitchTables['AutoAttach']>;
