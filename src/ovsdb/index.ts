/** `flowloom/ovsdb`: an OVSDB client for Node (RFC 7047), usable without the rest of Flowloom. */
export * from '../../proto/ovsdb/index.ts';
export { dial } from '../transport/dial.ts';
export { formatTarget, parseTarget, type Target, TargetError } from '../transport/target.ts';
export {
  createClient,
  type MonitorMethod,
  type MonitorOptions,
  type MonitorReply,
  type OvsdbClient,
  TransactionError,
} from './client.ts';
export { connectOvsdb } from './connect.ts';
export { createFramer, type Framer, type FramerLimits, FramingError } from './framer.ts';
export { createReplica, type Replica, type ReplicaOptions, type RowChange, type Snapshot } from './replica.ts';
export { ConnectionClosedError, RequestTimeoutError, RpcError } from './rpc.ts';
