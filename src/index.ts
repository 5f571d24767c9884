/** Flowloom's public API: what apps import. */

export { z } from 'zod';
export type { Match } from '../proto/openflow/match.ts';
export { ipv4Text as addressText } from '../proto/wire/address.ts';
export type { AppStore, StoredValue } from './app/app-store.ts';
export type { AppContext, Counter, SetupContext, Timers } from './app/context.ts';
export { type AppDefinition, type ConfigProblem, defineApp } from './app/define-app.ts';
export type { TrackedConnection } from './app/end-connection.ts';
export type { Emit, FollowedInterface, Link, NetworkEvents, PortPlace, Station } from './app/events.ts';
export type { Handlers, NetworkHandlers, PacketInEvent } from './app/handlers.ts';
export type { LearnedFlow, LearnedStation, StandingLearnedFlow } from './app/learned-flow.ts';
export type {
  Publish,
  Published,
  PublishedInterface,
  PublishedLease,
  PublishedNeighbour,
  PublishedRoute,
  Tell,
  TellFields,
  TellLevel,
} from './app/published.ts';
export { type AppServices, defineService, type NetworkServices, type ServiceName } from './app/services.ts';
export type { AdoptedFlow, AppDatapath, AppPort, FlowTable, StandingFlow } from './app/switch-view.ts';
export type { TableSpec } from './app/table-spec.ts';
export type * from './config/model.ts';
export { type ProxiedPrefix, proxiedPrefixes, publicPrefixes } from './config/nat/proxied.ts';
export { filteredSegments, segmentsOf, zoneAt } from './config/port-segments.ts';
export { type TunnelEnd, tunnelEnds } from './config/tunnel.ts';
export * from './flow/actions.ts';
export { addressClaims } from './flow/address-claims.ts';
export type { FieldSpec } from './flow/allocate/field-plan.ts';
export { ctState } from './flow/ct-state.ts';
export {
  type AppAction,
  type AppFlow,
  type AppGroup,
  type AppMatch,
  type AppMeter,
  type CheckedFlow,
  type FieldRef,
  flow,
  type Intent,
  type LearnItem,
  type TableRef,
} from './flow/flow.ts';
export { hash32 } from './flow/hash.ts';
export {
  addressBits,
  addressNumber,
  addressOf,
  addressOfBits,
  destinationIn,
  familyOf,
  inPrefix,
  networkPrefix,
  overlaps,
  prefixLengthOf,
  sourceIn,
} from './flow/prefix.ts';
export { ruleIntents } from './flow/rule-intents.ts';
export type { Stage } from './flow/stages.ts';
export { formatActions, parseActions } from './flow/text/action-list.ts';
export { FlowTextError } from './flow/text/flow-text-error.ts';
export { formatMatch } from './flow/text/format-match.ts';
export { parseFlow } from './flow/text/parse-flow.ts';
export { parseMatch } from './flow/text/parse-match.ts';
export { type FlowTemplate, type Slot, slot, type TemplateAction, type TemplateMatch } from './flow/timed/template.ts';
export type { Template } from './flow/timed/timed-template.ts';
export { flowProblem } from './flow/weave/flow-problem.ts';
export { buildAdvertisement } from './packet/advertisement.ts';
export { ARP_REPLY, ARP_REQUEST, buildArp, parseArp } from './packet/arp.ts';
export { buildPacket } from './packet/build.ts';
export type { Capture, CapturedFrame, CaptureResult } from './packet/capture.ts';
export { describePacket } from './packet/describe.ts';
export {
  DHCP_BROADCAST,
  DHCP_MESSAGES,
  DHCP_OPERATION,
  DHCP_OPTION,
  DHCP_PORT,
  type Dhcp,
  type DhcpOption,
  dhcpMessageName,
  parseDhcp,
} from './packet/dhcp.ts';
export { dhcpOptions, layDhcpOptions } from './packet/dhcp-options.ts';
export { dissect, type Packet } from './packet/dissect.ts';
export { buildDnsName } from './packet/dns-name.ts';
export { BROADCAST_MAC, buildEthernet, ETHER_TYPE, parseEthernet } from './packet/ethernet.ts';
export { fragmentIpv4 } from './packet/fragment.ts';
export { type IcmpErrorKind, type IcmpErrorRequest, icmpError } from './packet/icmp-error.ts';
export { ICMPV6_ERRORS } from './packet/icmpv6.ts';
export { IP_PROTOCOL } from './packet/ipv4.ts';
export { layersOf, type PacketLayers } from './packet/layers.ts';
export { linkLocalAddress } from './packet/link-local.ts';
export {
  buildLldp,
  CHASSIS_LOCALLY_ASSIGNED,
  LLDP_NEAREST_BRIDGE,
  PORT_LOCALLY_ASSIGNED,
  parseLldp,
} from './packet/lldp.ts';
export { isGroupMac, macNumber, macText } from './packet/mac.ts';
export { linkLayerOption, ND_OPTION, ND_TYPE, type NdOption } from './packet/neighbor-discovery.ts';
export { type FrameToWrite, readCapture, writeCapture } from './packet/pcap.ts';
export { readdress } from './packet/readdress.ts';
export { type Quoted, quotedBy, readdressQuoted } from './packet/readdress-quoted.ts';
export { buildSolicitation, type Solicitation } from './packet/solicitation.ts';
export { tcpReset } from './packet/tcp-reset.ts';
export { type SummedLayer, wrongChecksums } from './packet/wrong-checksums.ts';
