type RequestId = string | number;

/**
 * Requests that are not answered yet. The SDK's server knows each by a number of its own, so that a request never
 * meets another one with the id that its client chose.
 */
export class PendingRequests<Details extends object> {
  readonly #requests = new Map<RequestId, Details & { readonly id: RequestId }>();
  readonly #numbers = new Map<RequestId, number>();
  #lastNumber = 0;

  get size(): number {
    return this.#requests.size;
  }

  /** Adds a request by its client's id. Returns its number. */
  add(id: RequestId, details: Details): number {
    const number = ++this.#lastNumber;
    this.#numbers.set(id, number);
    this.#requests.set(number, { ...details, id });
    return number;
  }

  /** The number of a request, by its client's id; undefined if it is not pending. */
  numberOf(id: RequestId): number | undefined {
    return this.#numbers.get(id);
  }

  /** A request by its number; undefined if it is not pending. */
  get(number: RequestId | undefined): (Details & { readonly id: RequestId }) | undefined {
    return number === undefined ? undefined : this.#requests.get(number);
  }

  /** Removes a request by its number, and returns it. */
  remove(number: RequestId): (Details & { readonly id: RequestId }) | undefined {
    const request = this.#requests.get(number);
    if (!request) return undefined;
    this.#requests.delete(number);
    this.#numbers.delete(request.id);
    return request;
  }

  /** Removes all requests, and returns them. */
  clear(): (Details & { readonly id: RequestId })[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    this.#numbers.clear();
    return all;
  }
}
