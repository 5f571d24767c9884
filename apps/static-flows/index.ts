/** Flows that the user writes by hand, one by one, in front of everything else. */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  type Config,
  defineApp,
  drop,
  FlowTextError,
  next,
  normal,
  output,
  parseMatch,
  type Source,
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
  attach({ dp, config, network, log }) {
    let lines = linesOf(network);
    const update = () => dp.flows.admit.replace(config.flows.flatMap(flowOf));

    function flowOf(each: z.infer<typeof flow>, index: number): [string, AppFlow][] {
      if (each.on !== undefined && each.on !== dp.name) return [];
      const source = lines[`/flows/${index}`];
      const actions: AppAction[] = [];
      for (const action of each.actions.map(actionOf)) {
        if (typeof action === 'string') {
          log.warn(`flow "${each.intent}"${source === undefined ? '' : ` (${source})`} waits for port "${action}"`);
          return [];
        }
        actions.push(...action);
      }
      const intent = { text: each.intent, ...(source !== undefined && { source }) };
      return [[String(index), { priority: each.priority, match: matchOf(each.match), actions, intent }]];
    }

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
    return {
      portUp: update,
      portDown: update,
      // The same flows may stand at other lines now.
      networkChanged(changed) {
        lines = linesOf(changed);
        update();
      },
    };
  },
});

/** Where each entry of the app's part of the file stands. */
function linesOf(network: Config | undefined): Record<string, Source> {
  return network?.apps.find(({ name }) => name === 'static-flows')?.sources ?? {};
}

function matchOf(written: z.infer<typeof flow>['match']): AppMatch {
  return (typeof written === 'string' ? parseMatch(written) : written) as AppMatch;
}
