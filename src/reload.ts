import { resolve } from 'node:path';

import { Logger } from '@nestjs/common';

import type { Configuration } from './config/configuration.js';
import { ConfigurationError } from './config/configuration-error.js';
import { VARIABLES } from './config/environment.js';
import { loadConfiguration } from './config/load-configuration.js';
import { misspellings } from './config/misspelled.js';
import { currentVariables } from './config/process-variables.js';
import { readVariables, type Texts } from './config/read-variables.js';
import type { Reloads } from './config/reloads.js';
import { followFile } from './files/follow-file.js';

/** Time without a further change after which files are read. A file may be written in several steps. */
const SETTLE_MS = 250;

const FILE_VARIABLES: ReadonlySet<string> = new Set(VARIABLES.map((name) => `${name}_FILE`));

/**
 * Called after each reload that found a change.
 *
 * @param variables undefined if they cannot be read
 * @param inForce texts of the variables that are in force now
 */
export type ReloadListener = (
  outcome: 'success' | 'failure',
  variables: NodeJS.ProcessEnv | undefined,
  inForce: Texts,
) => void;

/**
 * Reloads the configuration when `.env` or a file that a variable names has changed. An invalid change is rejected as a
 * whole, and the previous configuration stays in force. What can be adopted is not if it needs a change that cannot: both
 * wait for a restart.
 */
export class ConfigurationReload {
  readonly #logger = new Logger('Configuration');
  readonly #followed = new Map<string, () => void>();
  #inForce: Texts;
  #rejected: string | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param texts texts of the variables at the start, which are in force
   * @param read returns the variables as they are now
   */
  constructor(
    private readonly reloads: Reloads,
    private texts: Texts,
    private readonly onReload: ReloadListener = () => {},
    private readonly read: () => Promise<NodeJS.ProcessEnv> = currentVariables,
  ) {
    this.#inForce = texts;
  }

  /** Whether the latest change was rejected. */
  get isRejected(): boolean {
    return this.#rejected !== undefined;
  }

  /** Follows the files that contain the variables, and adopts what has changed meanwhile. */
  async start(): Promise<void> {
    this.#follow(await this.read());
  }

  /** Stops following the files. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const unfollow of this.#followed.values()) unfollow();
    this.#followed.clear();
  }

  /** Reads the variables now, and logs even if nothing has changed. Never rejects. */
  reload(): Promise<void> {
    this.#rejected &&= '';
    return this.#run(() => this.#logger.log('The configuration has not changed.'));
  }

  #run(onUnchanged: () => void): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload(onUnchanged));
    return this.#reloading;
  }

  async #reload(onUnchanged: () => void): Promise<void> {
    let variables: NodeJS.ProcessEnv | undefined;
    try {
      variables = await this.read();
      this.#follow(variables);
      const texts = textsOf(variables);
      const changed = changedIn(this.texts, texts);
      if (changed.length === 0 && !this.isRejected) {
        onUnchanged();
        return;
      }
      const { warnings } = loadConfiguration(variables);
      refuseEmptied(changed, texts, variables);
      this.texts = texts;
      this.#rejected = undefined;
      this.#tell(changed, this.#apply(), warnings);
      this.onReload('success', variables, this.#inForce);
    } catch (error) {
      const message = error instanceof ConfigurationError ? problemsOf(error) : String(error);
      if (this.#rejected === message) return;
      this.#rejected = message;
      this.#logger.error(
        `The changed configuration is invalid, so the previous one stays in force: ${message}`,
      );
      this.onReload('failure', variables, this.#inForce);
    }
  }

  /**
   * Applies what differs from the configuration in force and can be adopted, if it is valid without the rest.
   *
   * @returns names of the variables that are in force now
   */
  #apply(): readonly string[] {
    const adoptable = changedIn(this.#inForce, this.texts).filter((name) => this.reloads.covers(name));
    const texts = withTexts(this.#inForce, adoptable, this.texts);
    let next: Configuration;
    try {
      next = loadConfiguration(texts);
    } catch (error) {
      if (error instanceof ConfigurationError) return [];
      throw error;
    }
    const refused = this.reloads.apply(next, adoptable);
    this.#inForce = withTexts(texts, refused, this.#inForce);
    return adoptable.filter((name) => !refused.includes(name));
  }

  /** @param warnings all warnings, each of which begins with the variable that it is about */
  #tell(changed: readonly string[], adopted: readonly string[], warnings: readonly string[]): void {
    // A change that was undone needs no restart, and a misspelled variable would have no effect after one.
    const pending = changed.filter(
      (name) =>
        this.texts[name] !== this.#inForce[name] &&
        misspellings({ [name]: this.texts[name] }, VARIABLES).length === 0,
    );
    for (const warning of warnings)
      if (changed.some((name) => warning.startsWith(`${name} `))) this.#logger.warn(warning);
    if (adopted.length > 0 || pending.length === 0) {
      this.#logger.log(`Reloaded the configuration. Changed: ${adopted.join(', ') || 'nothing'}.`);
    }
    if (pending.length > 0) {
      this.#logger.warn(`These changes take effect only after a restart: ${pending.join(', ')}.`);
    }
  }

  /** Follows the files that the variables name, and no others. */
  #follow(variables: NodeJS.ProcessEnv): void {
    const paths = new Set(filesOf(variables));
    for (const [path, unfollow] of this.#followed) {
      if (paths.has(path)) continue;
      unfollow();
      this.#followed.delete(path);
    }
    for (const path of paths) {
      if (!this.#followed.has(path))
        this.#followed.set(
          path,
          followFile(path, () => this.#changed()),
        );
    }
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(() => {}), SETTLE_MS).unref();
  }
}

/** Returns the texts of Aerie's variables, from their files too, and of all others as they are. */
export function textsOf(variables: NodeJS.ProcessEnv): Texts {
  const others = Object.entries(variables).filter(([name]) => !FILE_VARIABLES.has(name));
  return { ...Object.fromEntries(others), ...readVariables(VARIABLES, variables, []) };
}

/** Returns texts with those of other ones for some variables. */
const withTexts = (texts: Texts, names: readonly string[], others: Texts): Texts => ({
  ...texts,
  ...Object.fromEntries(names.map((name) => [name, others[name]])),
});

function changedIn(before: Texts, after: Texts): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]);
}

/**
 * Refuses files that have become empty. One that is being written, or was written to a full disk, would otherwise remove
 * a secret or a limit.
 *
 * @throws {ConfigurationError} that names the files
 */
function refuseEmptied(changed: readonly string[], texts: Texts, variables: NodeJS.ProcessEnv): void {
  const emptied = changed.filter((name) => texts[name] === undefined && variables[`${name}_FILE`]?.trim());
  if (emptied.length === 0) return;
  throw new ConfigurationError(
    emptied.map((name) => ({
      variable: `${name}_FILE`,
      problem: 'names a file that is empty now.',
      remedy: 'Write the value, or restart to use none.',
    })),
  );
}

const filesOf = (variables: NodeJS.ProcessEnv): string[] => [
  resolve('.env'),
  ...VARIABLES.flatMap((name) => variables[`${name}_FILE`]?.trim() || []).map((path) => resolve(path)),
];

/** Describes all problems in one line. A remedy may end with a command, so a full stop would not separate them. */
const problemsOf = ({ problems }: ConfigurationError): string =>
  problems.map(({ variable, problem, remedy }) => `${variable} ${problem} ${remedy}`).join(' | ');
