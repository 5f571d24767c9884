/** How long a connection lives after a packet, in milliseconds: the userspace datapath's default timeout policy. */

const SECOND = 1000;

export const TIMEOUT = {
  tcpFirstPacket: 30 * SECOND,
  tcpOpening: 30 * SECOND,
  tcpEstablished: 24 * 60 * 60 * SECOND,
  tcpClosing: 15 * 60 * SECOND,
  tcpFinWait: 45 * SECOND,
  tcpClosed: 30 * SECOND,
  otherFirst: 60 * SECOND,
  otherMultiple: 60 * SECOND,
  otherBothWays: 30 * SECOND,
  icmpFirst: 60 * SECOND,
  icmpReply: 30 * SECOND,
} as const;
