import { INVALID_PARAMS } from '@modelcontextprotocol/server';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import type { Configuration } from '../../config/configuration.js';
import type { HeldBytes } from '../../limits/byte-budget.js';
import { type KeptBytes, memoryOf } from '../../limits/kept-bytes.js';
import { Places, type TakenBy } from '../../limits/places.js';
import { Shares } from '../../limits/shares.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { limited, TAKEN_BY } from '../wire/limited.js';
import { answerId } from '../wire/messages.js';
import { resourcesIn } from './listen-request.js';

/** Maximum number of resources of one stream. */
const MAX_RESOURCES = 1_000;
/** Maximum length of the id of a request to listen, which each message of its stream repeats. */
const MAX_ID = 256;
/** `Retry-After` when a limit is reached, seconds. */
const RETRY_AFTER = 30;

type ListenerLimits = Configuration['limits']['listeners'];

/** Limits the number of listening streams, and the memory of the URIs that they name. */
export class ListenerPlaces {
  readonly #places: Places;
  readonly #shares = new Shares<ListenerPlace>();
  /** Number of accepted streams. The other places are those of requests that are still being checked. */
  #accepted = 0;

  constructor(
    private limits: ListenerLimits,
    private readonly kept: KeptBytes,
  ) {
    this.#places = new Places(limits.instance, limits.caller);
  }

  /** Changes the limits of streams that open from now on. */
  setLimits(limits: ListenerLimits): void {
    this.limits = limits;
    this.#places.setLimits(limits.instance, limits.caller);
  }

  /** Number of open streams. */
  get taken(): number {
    return this.#places.taken;
  }

  /**
   * Takes a place, and memory for the URIs of the resources. If the instance has too many streams, another organization
   * must be able to give one up.
   *
   * @throws {JsonRpcError} 429 for too many streams of the caller, 503 for too many of the instance, 400 for more
   *   resources than a stream may ever have, or a long id
   */
  take(principal: Principal, body: unknown): ListenerPlace {
    const keys = callerKeysOf(principal);
    const { caller, group } = keys;
    const id = answerId(body);
    if (typeof id === 'string' && id.length > MAX_ID) {
      throw unacceptable(`The id of a request to listen may have at most ${MAX_ID} characters.`, body);
    }
    const uris = resourcesIn(body);
    if (uris.length > MAX_RESOURCES) {
      throw unacceptable(`A stream may listen to at most ${MAX_RESOURCES} resources.`, body);
    }
    const crowdedBy = this.#places.crowdedBy(caller, 1);
    if (crowdedBy === 'caller' || (crowdedBy && !this.#oldestFor(group))) {
      throw tooMany(`listeners:${crowdedBy}`, crowdedBy, 'Too many streams', id);
    }
    const held = uris.length > 0 ? this.kept.open(keys) : undefined;
    const refused = held?.add(memoryOf(uris));
    if (refused === 'never') {
      throw unacceptable('The resource URIs are too long. Listen to fewer at once.', body);
    }
    if (refused) throw tooMany(`kept_bytes:${refused}`, refused, 'Too many long resource URIs', id);
    let isTaken = true;
    const free = (): void => {
      if (isTaken) this.#places.add(caller, -1);
      isTaken = false;
      if (this.#shares.remove(group, place)) this.#accepted--;
    };
    const place = new ListenerPlace(() => this.#accept(place, group, id), free, held);
    this.#places.add(caller, 1);
    return place;
  }

  #accept(place: ListenerPlace, group: string, id: string | number | null): void {
    if (this.#accepted >= this.limits.instance) {
      const oldest = this.#oldestFor(group);
      if (!oldest) throw tooMany('listeners:instance', 'instance', 'Too many streams', id);
      oldest.giveUp();
    }
    this.#shares.add(group, place);
    this.#accepted++;
  }

  /** Returns the stream that the largest organization gives up for another. */
  #oldestFor(group: string): ListenerPlace | undefined {
    const [oldest] = this.#shares.largestOver(group);
    return oldest;
  }
}

/** Place of one stream. */
export class ListenerPlace {
  #end = (): void => {};

  /**
   * @param accept makes room for the stream. If the instance has too many, the organization that has most gives up its
   *   oldest one. Call it once, when the request is known to be valid. Throws 503 if no organization gives one up
   * @param free frees the place; may be called again
   */
  constructor(
    readonly accept: () => void,
    private readonly free: () => void,
    private readonly held: HeldBytes | undefined,
  ) {}

  /** Sets how to end the stream when another organization gets its place. */
  whenGivenUp(end: () => void): void {
    this.#end = end;
  }

  /** Frees the place for another organization, and ends the stream. */
  giveUp(): void {
    this.free();
    this.#end();
  }

  /** Frees the place and the memory of a closed stream. */
  release(): void {
    this.free();
    this.held?.release();
  }
}

const unacceptable = (message: string, body: unknown): JsonRpcError =>
  new JsonRpcError('invalid_input', 400, INVALID_PARAMS, message, {}, { id: answerId(body) });

function tooMany(
  reason: `${'listeners' | 'kept_bytes'}:${TakenBy}`,
  by: TakenBy,
  what: string,
  id: string | number | null,
): JsonRpcError {
  const [status, scope] = TAKEN_BY[by];
  const message = `${what} ${scope} are in use. Close a stream, or try again later.`;
  return limited(reason, status, message, { retryAfter: RETRY_AFTER, id });
}
