/**
 * Matches that the compiler checks: a field that there is not, or one without what it needs beside it (OpenFlow 1.4,
 * 7.2.2.6), does not compile, and the error says why. What only the run knows (a `number`, a match from elsewhere) is
 * let through here and checked by prerequisites.ts; both go by the tables of proto/openflow.
 */

import type { UnknownFieldName } from '../../proto/openflow/oxm.ts';
import type { FieldName, OXM_FIELDS } from '../../proto/openflow/oxm-fields.ts';
import type { PREREQUISITES, Prerequisite } from '../../proto/openflow/prerequisites.ts';
import type { AppMatch } from './flow.ts';

type Prerequisites = typeof PREREQUISITES;

type PrerequisiteOf<Field> = Field extends FieldName ? (typeof OXM_FIELDS)[Field]['prerequisite'] : undefined;

/** Whether a value of type V may be one that is wanted: `number` may, 17 is not 6. */
type MayBe<V, Wanted> = undefined extends V
  ? true
  : Wanted extends readonly number[]
    ? number extends V
      ? true
      : Extract<V, Wanted[number]> extends never
        ? false
        : true
    : V extends 0
      ? false
      : true;

/** The fields that a prerequisite wants and that match M can't have as it wants them. */
type Unmet<M, P extends Prerequisite, Fields = Prerequisites[P]['fields']> = {
  [F in keyof Fields]: F extends keyof M ? (MayBe<M[F], Fields[F]> extends true ? never : F) : F;
}[keyof Fields];

/** The field's own type where all is well, else the sentence that says what is not. */
type CheckedField<M, Field extends keyof M> = Field extends keyof AppMatch
  ? Partial<Pick<M, Field>> extends Pick<M, Field>
    ? M[Field]
    : PrerequisiteOf<Field> extends infer P extends Prerequisite
      ? [Unmet<M, P>] extends [never]
        ? M[Field]
        : `${Field} in a match needs ${Prerequisites[P]['needs']} beside it`
      : M[Field]
  : Field extends UnknownFieldName
    ? M[Field]
    : `${Field & string} is no field`;

type Checked<M> = { [Field in keyof M]: CheckedField<M, Field> };

/** M itself where all is well. */
export type CheckedMatch<M> = [M] extends [Checked<M>] ? M : Checked<M>;
