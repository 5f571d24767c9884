/** <condition> (RFC 7047 §5.1): `[column, function, value]`. */
import type { Json } from './json.ts';
import { encodeUuid, type UuidReference } from './uuid.ts';

export type ConditionFunction = '<' | '<=' | '==' | '!=' | '>=' | '>' | 'includes' | 'excludes';
export type Condition = [column: string, function: ConditionFunction, value: Json];

/** The one row with this UUID. */
export function uuidIs(uuid: UuidReference): Condition[] {
  return [['_uuid', '==', encodeUuid(uuid)]];
}
