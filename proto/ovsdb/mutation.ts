/** <mutation> (RFC 7047 §5.1): `[column, mutator, value]`; on sets and maps `insert` and `delete` touch only the elements named. */
import type { Json } from './json.ts';

export type Mutator = '+=' | '-=' | '*=' | '/=' | '%=' | 'insert' | 'delete';
export type Mutation = [column: string, mutator: Mutator, value: Json];
