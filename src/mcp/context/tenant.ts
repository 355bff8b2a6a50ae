/** What lets go of something that a provider holds for an organisation. */
export type Release = () => unknown;

/**
 * An organisation, as what lives longer than a request may know it: nothing here is of a person.
 *
 * A durable provider (`@Injectable({ scope: Scope.REQUEST, durable: true })`) is one instance for each organisation
 * and injects this; what is made for one request injects Organization or Principal.
 */
export class Tenant {
  readonly #onRelease: (release: Release) => void;

  constructor(
    /** As the tokens of the organisation's callers name it. */
    readonly organizationId: string,
    onRelease: (release: Release) => void,
  ) {
    this.#onRelease = onRelease;
    Object.freeze(this);
  }

  /**
   * Registers what is to be done when the organisation's instances are let go: because others were used more
   * recently, or because the server stops. NestJS calls none of its own hooks on them.
   *
   * @param release is called once, when no call uses the instances any more, and awaited; what was registered last is
   *   released first. Its failure is logged and keeps nothing else from being released
   */
  onRelease(release: Release): void {
    this.#onRelease(release);
  }
}
