/** The file in force: read at the start, at a reload, or given by `apply`; one that must be confirmed goes back by itself. */

import { randomBytes } from 'node:crypto';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { ApplyRequest, ConfirmRequest, Unconfirmed } from '../api/apply.ts';
import { apiError } from '../api/errors.ts';
import type { Snapshot } from '../api/snapshot.ts';
import { parseConfig, readConfigText } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems, type Problem } from '../config/problem.ts';
import type { FindApp } from '../control/load-apps.ts';
import type { PatientStore } from '../store/patient.ts';
import type { Json, Store } from '../store/store.ts';
import type { AppCode } from './app-code.ts';

/** A file by the name that its lines are told with. */
export interface FileText {
  name: string;
  text: string;
}

export interface FileInForceOptions {
  /** What `flowloom run` was given; undefined: no file, so that nothing is read and nothing can be applied. */
  file: string | undefined;
  code: Pick<AppCode, 'find' | 'known'>;
  /** Loads the apps and gives all to hosts and switches; or tells what is wrong, and nothing was changed. */
  put(config: Config | undefined, find: FindApp): Promise<Problem[]>;
  warn(line: string): void;
  /** For the log and the list of events. `isError`: it can't be used. */
  tell(text: string, isError?: boolean): void;
  /** Outlives the process where there is such a place. */
  kept: KeptFile;
}

/** An applied file that was not confirmed, and the one that comes back instead of it. */
export interface KeptFile {
  get(): { applied: FileText; back: FileText } | undefined;
  set(value: { applied: FileText; back: FileText } | undefined): void;
}

/** Where the store is memory, after a kill the file on disk counts, confirmed or not. What can't be kept is not applied. */
export function keptIn(store: Pick<Store, 'space'> & Partial<Pick<PatientStore, 'failure'>>): KeptFile {
  const space = store.space('file');
  const put = (value: Json | undefined) => {
    if (value !== undefined) space.set('unconfirmed', value);
    else if (space.get('unconfirmed') !== undefined) space.delete('unconfirmed');
  };
  return {
    get: () => space.get('unconfirmed') as ReturnType<KeptFile['get']>,
    set(value) {
      const before = space.get('unconfirmed');
      put(value && { applied: { ...value.applied }, back: { ...value.back } });
      const { failure } = store;
      if (value === undefined || failure === undefined) return;
      put(before);
      const hint = 'make room, or apply it without a time to confirm it';
      throw apiError(507, 'not-kept', `what it goes back to can't be kept: ${failure.message}`, hint);
    },
  };
}

export interface FileInForce {
  readonly config: Config | undefined;
  readonly text: string | undefined;
  /** As the snapshot has it. */
  status(): Snapshot['file'];
  /** The owner that the file to begin with names; undefined: there is none, or it can't be read. */
  owner(): string | undefined;
  /** Gives what is wrong with it. */
  start(): Promise<Problem[]>;
  reload(): Promise<void>;
  /** Where it goes by its name, here. */
  nameOf(request: Pick<ApplyRequest, 'file' | 'folder'>): string;
  apply(request: ApplyRequest, name: string): Promise<Unconfirmed | null>;
  confirm(request: ConfirmRequest): Unconfirmed;
  /** Nothing is put in force any more. */
  stop(): void;
}

export function createFileInForce(options: FileInForceOptions): FileInForce {
  const { file, code, kept } = options;
  let config: Config | undefined;
  let inForce: FileText | undefined;
  let loadedAt = Date.now();
  let error: string | null = null;
  let waiting: { told: Unconfirmed; back: FileText; timer: NodeJS.Timeout } | undefined;
  let stopped = false;
  /** One thing at a time. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  }

  /** The file to begin with, once it was read for its owner. */
  let parsed: { of: FileText; loaded: ReturnType<typeof parseConfig> } | undefined;

  function parse(text: FileText): ReturnType<typeof parseConfig> {
    const known = parsed;
    parsed = undefined;
    const isSame = known?.of.text === text.text && known.of.name === text.name;
    return isSame ? known.loaded : parseConfig(text.text, text.name);
  }

  async function take(next: FileText | undefined, find: FindApp): Promise<Problem[]> {
    const loaded = next === undefined ? undefined : parse(next);
    if (loaded?.ok === false) return loaded.problems;
    const problems = await options.put(loaded?.config, find);
    if (problems.length > 0) return problems;
    for (const line of formatProblems(loaded?.warnings ?? []).split('\n')) if (line !== '') options.warn(line);
    config = loaded?.config;
    inForce = next;
    loadedAt = Date.now();
    error = null;
    return [];
  }

  /** Only what runs here already, as it was loaded: code is not loaded because somebody asks for it over HTTP. */
  const standing: FindApp = async (name, folder, source, problems) => {
    const known = code.known(name, folder);
    if (known === undefined) {
      problems.push({
        source,
        message: `app ${name} does not run in this Flowloom, and no code is loaded because somebody asks for it over HTTP`,
        fix: `write it into ${file}, which "flowloom run" was given, and apply that; or name it with --app at the start`,
      });
    }
    return known?.app;
  };

  function read(): { ok: true; read: FileText } | { ok: false; problem: Problem } {
    const name = file ?? '';
    const text = readConfigText(name);
    return text.ok ? { ok: true, read: { name, text: text.text } } : text;
  }

  /** The file as it is was applied and never confirmed. */
  function unconfirmed(now: FileText): ReturnType<KeptFile['get']> {
    const before = kept.get();
    return before?.applied.text === now.text && before.applied.name === now.name ? before : undefined;
  }

  function stopWaiting(): void {
    clearTimeout(waiting?.timer);
    waiting = undefined;
    kept.set(undefined);
  }

  /** `id`: what was not confirmed. While this waited for its turn another may have been applied, with time of its own. */
  function goBack(id: string, back: FileText): Promise<void> {
    return inTurn(async () => {
      if (stopped || waiting?.told.id !== id) return;
      const { name } = inForce ?? back;
      waiting = undefined;
      const problems = await take(back, standing);
      if (problems.length === 0)
        options.tell(`${name} was not confirmed in time: the file before it is in force again`);
      else {
        error = formatProblems(problems).trimEnd();
        options.tell(`${name} was not confirmed, and the file before it can't be used any more:\n${error}`, true);
      }
    });
  }

  return {
    get config() {
      return config;
    },
    get text() {
      return inForce?.text;
    },
    status: () =>
      inForce === undefined ? null : { path: inForce.name, loadedAt, error, unconfirmed: waiting?.told ?? null },
    owner() {
      const found = file === undefined ? undefined : read();
      if (found?.ok !== true) return undefined;
      const of = unconfirmed(found.read)?.back ?? found.read;
      const loaded = parseConfig(of.text, of.name);
      parsed = { of, loaded };
      return loaded.ok ? loaded.config.owner : undefined;
    },
    async start() {
      if (file === undefined) return take(undefined, code.find);
      const found = read();
      if (!found.ok) return [found.problem];
      const before = unconfirmed(found.read);
      if (before === undefined) return take(found.read, code.find);
      const problems = await take(before.back, code.find);
      if (problems.length > 0) return problems;
      error =
        `${file} as it is now was applied and never confirmed: the file before it is in force; ` +
        `"flowloom apply ${file}", or SIGHUP, puts it in force`;
      options.warn(error);
      return [];
    },
    reload: () =>
      inTurn(async () => {
        if (stopped) return;
        const found = file === undefined ? undefined : read();
        // What must be confirmed is not confirmed by being read again.
        const isSame = found?.ok === true && waiting !== undefined && found.read.text === inForce?.text;
        const problems = found?.ok === false ? [found.problem] : await take(found?.read, code.find);
        if (problems.length === 0) {
          if (!isSame) stopWaiting();
          options.tell(`${file ?? 'the apps'} read again`);
        } else {
          error = formatProblems(problems).trimEnd();
          options.tell(`the new file can't be used, the old one stays in force:\n${error}`, true);
        }
      }),
    nameOf({ file: given, folder }) {
      const from = dirname(resolve(file ?? '.'));
      const path =
        folder !== undefined ? join(folder, basename(given)) : isAbsolute(given) ? given : resolve(from, given);
      return file !== undefined && resolve(file) === path ? file : path;
    },
    apply: ({ text, confirm }, name) =>
      inTurn(async () => {
        if (stopped) throw apiError(409, 'ending', 'this Flowloom is about to end', 'start it again first');
        if (file === undefined || inForce === undefined) {
          const hint = 'start it with "flowloom run FILE", and later files can be applied to it';
          throw apiError(409, 'no-file', 'this Flowloom runs without a file and manages no hosts', hint);
        }
        const onDisk = read();
        // What is written in that file may name code: whoever wrote it there may as well send SIGHUP.
        const isTheirs = name === file && onDisk.ok && onDisk.read.text === text;
        const back = waiting?.back ?? inForce;
        const before = kept.get();
        // Before it takes effect: should all end here, the next start knows.
        if (confirm !== undefined) kept.set({ applied: { name, text }, back });
        const problems = await take({ name, text }, isTheirs ? code.find : standing);
        if (problems.length > 0) {
          kept.set(before);
          throw unusable(problems);
        }
        clearTimeout(waiting?.timer);
        waiting = undefined;
        if (confirm === undefined) kept.set(undefined);
        options.tell(`${name} applied${confirm === undefined ? '' : `, to be confirmed within ${confirm} s`}`);
        if (confirm === undefined) return null;
        const told = { id: randomBytes(6).toString('hex'), until: Date.now() + confirm * 1000, back: back.name };
        waiting = { told, back, timer: setTimeout(() => void goBack(told.id, back), confirm * 1000) };
        return told;
      }),
    confirm({ id }) {
      if (waiting === undefined) {
        const message = 'no applied file waits to be confirmed: it was confirmed already, or its time was over';
        throw apiError(
          409,
          'nothing-waits',
          message,
          'see "flowloom status", and apply the file again if it is not in force',
        );
      }
      const { told } = waiting;
      if (id !== undefined && id !== told.id) {
        const hint = 'confirm whichever waits with "flowloom apply --confirmed"';
        throw apiError(409, 'another-waits', 'another file has been applied meanwhile', hint);
      }
      stopWaiting();
      options.tell(`${inForce?.name} confirmed`);
      return told;
    },
    stop() {
      stopped = true;
      clearTimeout(waiting?.timer);
      waiting = undefined;
    },
  };
}

export function unusable(problems: Problem[]) {
  return apiError(422, 'unusable-file', formatProblems(problems).trimEnd(), undefined, problems);
}
