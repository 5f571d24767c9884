/** `flowloom/testing`: what tests of apps need, without a switch and without root. */

export type { PacketLayers } from '../packet/layers.ts';
export { type DeclaredOptions, declared } from './declared.ts';
export type { AppPacketIn, Delivery, LeftFrame } from './delivery.ts';
export { expectPacket, type PacketExpectation } from './expect-packet.ts';
export type { PacketFields } from './expected-fields.ts';
export type { GuestOptions } from './guest.ts';
export type { Counts } from './intent-counters.ts';
export { lab } from './lab.ts';
export type { LabApp } from './lab-controller.ts';
export type { Lab, LabOptions, LabPort, SentMods } from './lab-interface.ts';
export { type PacketDraft, packet, type Sendable } from './packet.ts';
