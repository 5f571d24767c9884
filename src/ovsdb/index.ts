/** `flowloom/ovsdb`: an OVSDB client for Node (RFC 7047), usable without the rest of Flowloom. */
export * from '../../proto/ovsdb/index.ts';
export { dial } from '../transport/dial.ts';
export { SocketError } from '../transport/socket-error.ts';
export { formatTarget, parseTarget, type Target, TargetError } from '../transport/target.ts';
export type { TlsOptions } from '../transport/tls.ts';
export {
  type ClientOptions,
  createClient,
  type MonitorMethod,
  type MonitorOptions,
  type MonitorReply,
  type OvsdbClient,
  TransactionError,
} from './client.ts';
export type { LockHandlers } from './client-lock.ts';
export { type ConnectOvsdbOptions, connectOvsdb } from './connect.ts';
export { createFramer, type Framer, type FramerLimits, FramingError } from './framer.ts';
export { type KeepOvsdbOptions, keepOvsdb, type OvsdbKeeper } from './keep.ts';
export { type ListenOvsdbOptions, listenOvsdb, type OvsdbListener } from './listen.ts';
export {
  createReplica,
  type Replica,
  ReplicaEmptyError,
  type ReplicaOptions,
  type RowChange,
  type RowHandlers,
  type Snapshot,
} from './replica.ts';
export type { KeysOf, RowIndex } from './row-index.ts';
export type { RequestOptions } from './rpc.ts';
export { ConnectionClosedError, type RequestOutcome, RequestTimeoutError, RpcError } from './rpc-error.ts';
export {
  type Omission,
  type Omitted,
  omitColumns,
  type Selected,
  type Selection,
  selectColumns,
} from './select-columns.ts';
export { type TransactOptions, transact } from './transact.ts';
export type { Transaction } from './transaction.ts';
export { ConflictError, type Outcome, UnknownOutcomeError } from './transaction-outcome.ts';
export type { Where } from './transaction-rows.ts';
export type { ConditionOn, Conditions } from './where.ts';
