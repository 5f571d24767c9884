/** What the table of actions holds: how each kind is printed, and how each word is read. */

import type { Action } from '../../../../proto/openflow/action.ts';
import { fault, hint, shortened } from '../fault.ts';
import type { KnownNames } from '../port-words.ts';
import type { Slice } from '../slice.ts';
import { type Word, words } from '../words.ts';

export type ActionType = Action['type'];
export type ActionOf<T extends ActionType> = Extract<Action, { type: T }>;

export type Printers = {
  readonly [T in ActionType]?: (action: ActionOf<T>, print: (actions: readonly Action[]) => string) => string;
};

/** What holds a list of actions. */
export type Outer = 'flow' | 'ct' | 'clone' | 'writeActions';

/** What is known of the packet where an action stands: older words became set_field, and need it. */
export interface Headers {
  vlanTags: number;
  ipProto: number | undefined;
}

export interface Context {
  names: KnownNames;
  headers: Headers;
  outer: Outer;
  depth: number;
  /** Reads a list inside this one. */
  list(slice: Slice, outer: Outer): Action[];
}

export type Parser = (word: Word, context: Context) => Action[];

export interface Actions {
  readonly print: Printers;
  readonly parse: Readonly<Record<string, Parser>>;
}

/** Reads `key=value,key,…` in an action's parentheses, each key by its own function. */
export function options(slice: Slice, action: string, keys: Readonly<Record<string, (word: Word) => void>>): void {
  for (const word of words(slice)) {
    const read = Object.hasOwn(keys, word.name) ? keys[word.name] : undefined;
    if (read === undefined) {
      throw fault(word.key, `${action} has no "${shortened(word.name)}"${hint(word.name, Object.keys(keys))}`);
    }
    read(word);
  }
}

/** Actions without arguments, each with its word. */
export function alone(words: Readonly<Partial<Record<ActionType, string>>>): Actions {
  const entries = Object.entries(words);
  return {
    print: Object.fromEntries(entries.map(([type, word]) => [type, () => word])),
    parse: Object.fromEntries(entries.map(([type, word]) => [word, () => [{ type } as Action]])),
  };
}
