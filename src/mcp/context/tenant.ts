/** Function that releases a provider's resources of an organization. */
export type Release = () => unknown;

/**
 * Organization, for providers that outlive a request. It contains no personal data.
 *
 * A durable provider (`@Injectable({ scope: Scope.REQUEST, durable: true })`) has one instance per organization and
 * injects Tenant. A request-scoped provider injects Organization or Principal.
 */
export class Tenant {
  readonly #onRelease: (release: Release) => void;

  constructor(
    /** Organization id from the callers' access tokens. */
    readonly organizationId: string,
    onRelease: (release: Release) => void,
  ) {
    this.#onRelease = onRelease;
    Object.freeze(this);
  }

  /**
   * Registers a function to call when the organization's instances are released: when they are evicted as least recently
   * used, or when the server stops. NestJS does not call its own hooks on these instances.
   *
   * @param release called once and awaited, when no call uses the instances any more; the last registered runs first.
   *   A failure is logged and does not prevent other releases
   */
  onRelease(release: Release): void {
    this.#onRelease(release);
  }
}
