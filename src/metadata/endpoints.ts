import { DEFAULT_ENDPOINT } from '../routes/endpoint-name.js';
import { conflictOf, documentPathOf, type Endpoint } from './endpoint-conflicts.js';

/** Endpoints of the application. Most applications have one. */
export class Endpoints {
  readonly #endpoints: Endpoint[] = [];

  /** @throws {Error} when two endpoints are not separate */
  add(endpoint: Endpoint): void {
    for (const other of this.#endpoints) {
      const conflict = conflictOf(other, endpoint);
      if (conflict !== undefined) throw new Error(conflict);
    }
    this.#endpoints.push(endpoint);
  }

  get all(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Returns the endpoint whose metadata document is at this path of the origin, if any. */
  describedAt(path: string): Endpoint | undefined {
    return this.#endpoints.find(({ configuration }) => documentPathOf(configuration) === path);
  }

  /** Whether an endpoint that was added has this warning of its configuration. */
  hasWarning(warning: string): boolean {
    return this.#endpoints.some(({ configuration }) => configuration.warnings.includes(warning));
  }

  named(name: string): Endpoint | undefined {
    return this.#endpoints.find((endpoint) => endpoint.name === name);
  }

  get default(): Endpoint | undefined {
    return this.named(DEFAULT_ENDPOINT);
  }
}
