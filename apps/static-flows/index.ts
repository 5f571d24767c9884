/** Flows that the user writes by hand, one by one, in front of everything else. */

import {
  type AppAction,
  type AppMatch,
  defineApp,
  drop,
  FlowTextError,
  next,
  normal,
  output,
  parseMatch,
  set,
  z,
} from '../../src/index.ts';

const fieldValue = z.union([z.number(), z.string()]);
const fields = z.record(z.string(), z.union([fieldValue, z.strictObject({ value: fieldValue, mask: fieldValue })]));

/** ovs-ofctl's text; read here only to say what is wrong in it, since the configuration stays as it is written. */
const matchText = z.string().superRefine((text, context) => {
  try {
    parseMatch(text);
  } catch (error) {
    if (!(error instanceof FlowTextError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const action = z.union([
  z.enum(['drop', 'normal', 'next']),
  z.strictObject({ output: z.union([z.int().positive(), z.string()]) }),
  z.strictObject({ set: z.record(z.string(), fieldValue) }),
]);

const flow = z.strictObject({
  /** Why it is there; shown wherever the flow is. */
  intent: z.string().min(1),
  priority: z.int().min(1).max(65535),
  match: z.union([fields, matchText]),
  actions: z.array(action).min(1),
  /** `host/bridge`; default every bridge of the file. */
  on: z.string().optional(),
});

export default defineApp({
  name: 'static-flows',
  config: z.strictObject({ flows: z.array(flow).default([]) }),
  tables: { admit: { stage: 'admit' } },
  attach({ dp, config, log }) {
    const update = () => {
      const flows = config.flows.filter(({ on }) => on === undefined || on === dp.name);
      dp.flows.admit.replace(
        flows.flatMap((each, index) => {
          const actions = each.actions.map(actionOf);
          const missing = actions.find((one) => typeof one === 'string');
          if (missing !== undefined) log.warn(`flow "${each.intent}" waits for port "${String(missing)}"`);
          if (actions.some((one) => typeof one === 'string')) return [];
          return [
            [
              String(index),
              {
                priority: each.priority,
                match: matchOf(each.match),
                actions: ended(actions as AppAction[][]),
                intent: each.intent,
              },
            ],
          ];
        }),
      );
    };

    /** The action, or the name of a port that is not there. */
    function actionOf(written: z.infer<typeof action>): AppAction[] | string {
      if (written === 'drop') return drop();
      if (written === 'normal') return [normal()];
      if (written === 'next') return [next()];
      if ('set' in written) return set(written.set as never);
      if (typeof written.output === 'number') return [output(written.output)];
      const port = dp.port(written.output);
      return port === undefined ? written.output : [output(port.number)];
    }

    update();
    return { portUp: update, portDown: update };
  },
});

function matchOf(written: z.infer<typeof flow>['match']): AppMatch {
  return (typeof written === 'string' ? parseMatch(written) : written) as AppMatch;
}

function ended(actions: AppAction[][]): AppAction[] {
  return actions.flat();
}
