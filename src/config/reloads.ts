import { Injectable } from '@nestjs/common';

import type { Configuration } from './configuration.js';
import type { Environment } from './environment.js';

/**
 * Adopts a part of a changed configuration.
 *
 * @returns false if this change needs a restart
 */
export type Adopt = (next: Configuration) => boolean | void;

/** Hands a changed configuration to the parts of the server that can adopt it while they run. */
@Injectable()
export class Reloads {
  readonly #holders: { readonly variables: readonly string[]; readonly adopt: Adopt }[] = [];

  /**
   * Registers a part. It must adopt a change at once, so that the whole change applies at one moment.
   *
   * @param variables variables that the part depends on
   * @param adopt called after one of them has changed
   */
  on(variables: readonly (keyof Environment)[], adopt: Adopt): void {
    this.#holders.push({ variables, adopt });
  }

  /** Whether a part can adopt a changed variable. */
  covers(variable: string): boolean {
    return this.#holders.some(({ variables }) => variables.includes(variable));
  }

  /**
   * Applies a valid configuration.
   *
   * @param changed names of the changed variables
   * @returns the changed variables that need a restart
   */
  apply(next: Configuration, changed: readonly string[]): string[] {
    const concerned = this.#holders.filter(({ variables }) =>
      variables.some((name) => changed.includes(name)),
    );
    const adopted = new Set(
      concerned.flatMap(({ variables, adopt }) => (adopt(next) === false ? [] : variables)),
    );
    return changed.filter((name) => !adopted.has(name));
  }
}
