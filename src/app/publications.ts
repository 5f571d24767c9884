/** Who publishes rows of which topic: asked for only when somebody wants to know, and taken back when the instance ends. */

import type { Publish, Published } from './published.ts';

/** One instance of an app. */
export interface Publisher {
  publish: Publish;
  takeBack(): void;
}

export interface Publications {
  /** `run` calls what the app gave; what is thrown in it is the app's failure. */
  publisher(run: (call: () => void) => void): Publisher;
  /** Copies, in the order in which instances came. */
  rows<T extends keyof Published>(topic: T): Published[T][];
}

export function createPublications(): Publications {
  const publishers = new Set<ReadonlyMap<keyof Published, () => readonly unknown[]>>();
  return {
    publisher(run) {
      const topics = new Map<keyof Published, () => readonly unknown[]>();
      return {
        publish(topic, rows) {
          topics.set(topic, () => {
            let given: readonly unknown[] = [];
            run(() => {
              given = rows().map((row) => structuredClone(row));
            });
            return given;
          });
          publishers.add(topics);
        },
        takeBack() {
          topics.clear();
          publishers.delete(topics);
        },
      };
    },
    rows: (topic) => [...publishers].flatMap((topics) => topics.get(topic)?.() ?? []) as never[],
  };
}
