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
} from './client/client.ts';
export type { LockHandlers } from './client/client-lock.ts';
export { type ConnectOvsdbOptions, connectOvsdb } from './client/connect.ts';
export { createFramer, type Framer, type FramerLimits, FramingError } from './client/framer.ts';
export { type KeepOvsdbOptions, keepOvsdb, type OvsdbKeeper } from './client/keep.ts';
export { type ListenOvsdbOptions, listenOvsdb, type OvsdbListener } from './client/listen.ts';
export type { RequestOptions } from './client/rpc.ts';
export { ConnectionClosedError, type RequestOutcome, RequestTimeoutError, RpcError } from './client/rpc-error.ts';
export {
  createReplica,
  type Replica,
  ReplicaEmptyError,
  type ReplicaOptions,
  type RowChange,
  type RowHandlers,
  type Snapshot,
} from './replica/replica.ts';
export type { KeysOf, RowIndex } from './replica/row-index.ts';
export {
  type Omission,
  type Omitted,
  omitColumns,
  type Selected,
  type Selection,
  selectColumns,
} from './replica/select-columns.ts';
export type { ConditionOn, Conditions } from './replica/where.ts';
export { type TransactOptions, transact } from './transaction/transact.ts';
export type { Transaction } from './transaction/transaction.ts';
export { ConflictError, type Outcome, UnknownOutcomeError } from './transaction/transaction-outcome.ts';
export type { Where } from './transaction/transaction-rows.ts';
