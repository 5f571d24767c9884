/** An entry of the file: what the user writes of a flow, and the match and the actions that it means. */

import {
  type AppAction,
  type AppMatch,
  drop,
  FlowTextError,
  flowProblem,
  next,
  normal,
  output,
  parseMatch,
  set,
  z,
} from '../../src/index.ts';

const fieldValue = z.union([z.number(), z.string()]);
const fields = z.record(z.string(), z.union([fieldValue, z.strictObject({ value: fieldValue, mask: fieldValue })]));

const action = z.union(
  [
    z.enum(['drop', 'normal', 'next']),
    z.strictObject({ output: z.union([z.int().positive(), z.string()]) }),
    z.strictObject({ set: z.record(z.string(), fieldValue) }),
  ],
  'write drop, normal, next, { output: PORT } or { set: { FIELD: VALUE } }',
);

const written = z.strictObject({
  /** Why it is there; shown wherever the flow is. */
  intent: z.string().min(1),
  priority: z.int().min(1).max(65535),
  /** By fields, or ovs-ofctl's text. */
  match: z.union([fields, z.string()], 'write { FIELD: VALUE }, { FIELD: { value, mask } } or a text of ovs-ofctl'),
  actions: z.array(action).min(1),
  /** `host/bridge`; default every bridge of the file. */
  on: z.string().optional(),
});

/** Checked here as it will be on a switch, so that what can be no flow is refused at its line. */
export const entry = written.superRefine(({ match, actions }, context) => {
  const wrong = wrongMatch(match) ?? wrongActions(match, actions);
  if (wrong !== undefined) context.addIssue({ code: 'custom', ...wrong });
});

export type Entry = z.infer<typeof entry>;

interface Wrong {
  path: (string | number)[];
  message: string;
}

function wrongMatch(match: Entry['match']): Wrong | undefined {
  try {
    const message = flowProblem({ match: matchOf(match), actions: [] });
    return message === undefined ? undefined : { path: ['match'], message };
  } catch (error) {
    if (!(error instanceof FlowTextError)) throw error;
    return { path: ['match'], message: error.message };
  }
}

function wrongActions(match: Entry['match'], actions: Entry['actions']): Wrong | undefined {
  const all = actions.map((each) => actionsOf(each, somePort) as AppAction[]);
  const message = flowProblem({ match: matchOf(match), actions: all.flat() });
  if (message === undefined) return undefined;
  for (const [index, each] of all.entries()) {
    const own = flowProblem({ match: {}, actions: each });
    if (own !== undefined) return { path: ['actions', index], message: own };
  }
  // Each is right by itself: their order is not.
  return { path: ['actions'], message };
}

/** Which number a port has is known on the switch only. */
const somePort = () => 1;

export function matchOf(match: Entry['match']): AppMatch {
  return (typeof match === 'string' ? parseMatch(match) : match) as AppMatch;
}

/** The action, or the name of a port that is not there. */
export function actionsOf(
  action: Entry['actions'][number],
  portNumber: (name: string) => number | undefined,
): AppAction[] | string {
  if (action === 'drop') return drop();
  if (action === 'normal') return [normal()];
  if (action === 'next') return [next()];
  if ('set' in action) return set(action.set as never);
  if (typeof action.output === 'number') return [output(action.output)];
  const number = portNumber(action.output);
  return number === undefined ? action.output : [output(number)];
}
