/** What `/api/v1/release` takes and answers: everything of ours goes, and then Flowloom ends. */

import { flag, type JsonSchemas, list, object, oneOf, orNull, ref, request, text } from './shapes/schema.ts';

export interface ReleaseRequest {
  /** Goes on where something can't be reached, and leaves what is there. */
  anyway?: boolean;
  /** Takes a bridge's last controller also where others' flows go with it and can't be put back. */
  dropController?: boolean;
}

export interface ReleaseReport {
  /** false: it was only asked what would be done. */
  done: boolean;
  hosts: ReleasedHost[];
  switches: ReleasedSwitch[];
  /** What can't be reached, so that what is there would stay. */
  unreachable: string[];
  notes: string[];
  /** What is left of ours, or was lost of others', when it is done. */
  left: string[];
}

export interface ReleasedHost {
  name: string;
  /** One line for each row. */
  changes: string[];
  /** What stays, and why. */
  refused: string[];
}

export interface ReleasedSwitch {
  /** `hv1/br0`, or the datapath id where the file does not name it. */
  name: string;
  /** `removed`: with all that is in it. `handed over`: what others have there stays. `kept`: it was never ours. */
  fate: 'removed' | 'handed over' | 'kept';
  /** `router: 12 flows`, `3 groups`; null: it could not be looked into. */
  ours: string[] | null;
  /** What others have in it and keep. */
  others: string[];
}

export interface ReleaseSource {
  release: {
    /** What would be done. */
    survey(request: ReleaseRequest): Promise<ReleaseReport>;
    /** Rejects with an error of the API before anything is changed. */
    run(request: ReleaseRequest): Promise<ReleaseReport>;
    /** The answer has left: Flowloom ends. */
    answered(): void;
  };
}

export const releaseSchemas: JsonSchemas = {
  ReleaseRequest: request<ReleaseRequest>(
    {
      anyway: { type: 'boolean', description: 'Go on where something can not be reached, and leave what is there' },
      dropController: {
        type: 'boolean',
        description: "Take a bridge's last controller also where others' flows go with it and can't be put back",
      },
    },
    ['anyway', 'dropController'],
  ),
  ReleaseReport: object<ReleaseReport>({
    done: flag,
    hosts: list(ref('ReleasedHost')),
    switches: list(ref('ReleasedSwitch')),
    unreachable: list(text),
    notes: list(text),
    left: list({ type: 'string', description: "What is left of ours, or was lost of others'" }),
  }),
  ReleasedHost: object<ReleasedHost>({ name: text, changes: list(text), refused: list(text) }),
  ReleasedSwitch: object<ReleasedSwitch>({
    name: text,
    fate: oneOf('removed', 'handed over', 'kept'),
    ours: orNull(list(text)),
    others: list(text),
  }),
};
