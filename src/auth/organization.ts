/**
 * Organization of the caller, from the verified token. Arguments and headers never determine it.
 *
 * Request-scoped: a tool and its dependencies get the Organization of the current request.
 */
export class Organization {
  constructor(readonly id: string) {
    Object.freeze(this);
  }
}
