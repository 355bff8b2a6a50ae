/**
 * The caller's organisation, as the token names it; never taken from arguments or headers.
 *
 * Request-scoped: a tool, or anything that it injects, gets the Organization of the request it serves.
 */
export class Organization {
  constructor(readonly id: string) {
    Object.freeze(this);
  }
}
