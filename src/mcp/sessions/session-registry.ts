import { randomUUID } from 'node:crypto';

import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Shares } from '../../limits/shares.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';
import { limited } from '../wire/limited.js';

/** JSON-RPC code of the SDK for an unknown session. */
const UNKNOWN = -32_001;
/** Idle sweeps per idle timeout. */
const SWEEPS = 10;
const MIN_SWEEP_INTERVAL_MS = 100;
/** `Retry-After` when there are too many sessions, seconds. */
const RETRY_AFTER = 60;

/** Open session of any transport. */
export interface OpenSession {
  /** Whether a call is running, or waits for an answer of its client. */
  readonly busy: boolean;
  /** Whether a call is running and does not wait for its client, even if its handler has not begun yet. */
  readonly isRunning: boolean;
  /** Whether the client is connected. */
  readonly attended: boolean;
  /** Records the token of the latest request. */
  renew(principal: Principal): void;
  /** Answers abandoned requests with an error; called at regular intervals. */
  endAbandoned(): void;
  /** Begins no more work during shutdown. Running calls may finish. */
  drain(): void;
  /** Releases everything; called once. */
  end(): void;
}

interface Entry {
  readonly session: OpenSession;
  readonly owner: string;
  readonly caller: string;
  readonly group: string;
  /** Time of the last use on the clock of `performance.now()`, milliseconds. */
  usedAt: number;
}

/**
 * Registry of the sessions of this instance, with their owners, limits and idle timeouts.
 *
 * A session belongs to the caller that opened it: the same subject of the same issuer, with the same client and the
 * same organization.
 */
@Injectable()
export class SessionRegistry implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #settings: Configuration['sessions'];
  readonly #entries = new Map<string, Entry>();
  readonly #ofCaller = new Map<string, Set<string>>();
  readonly #shares = new Shares<string>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(@Inject(CONFIGURATION) { sessions }: Configuration) {
    this.#settings = sessions;
  }

  get size(): number {
    return this.#entries.size;
  }

  beforeApplicationShutdown(): void {
    this.#isStopping = true;
    for (const { session } of this.#entries.values()) session.drain();
  }

  onApplicationShutdown(): void {
    for (const id of this.#entries.keys()) this.end(id);
  }

  /** Creates an unguessable session ID, prefixed with the name of this instance. */
  newId(): string {
    return `${this.#settings.instance}-${randomUUID()}`;
  }

  /** @throws {JsonRpcError} 503 during shutdown, so that no new session or stream keeps the server running */
  requireServing(): void {
    if (this.#isStopping)
      throw limited('stopping', 503, 'The server is stopping. Connect again.', { retryAfter: 1 });
  }

  /**
   * Makes room for another session of the caller. If the caller has too many, ends the least recently used one whose
   * client is not connected. If the instance has too many, ends one of the organization that has most.
   *
   * @throws {JsonRpcError} 429 when too many sessions of the caller are in use, 503 when the instance has too many and no
   *   organization with at least two more than that of the caller has one without a running call
   */
  makeRoom(principal: Principal): void {
    const { caller, group } = callerKeysOf(principal);
    this.requireServing();
    if ((this.#ofCaller.get(caller)?.size ?? 0) >= this.#settings.maxPerCaller) {
      const leftBehind = this.#leastUsed(this.#ofCaller.get(caller) ?? [], isLeftBehind);
      if (leftBehind === undefined) {
        const message = 'You have too many sessions open. Close one, or try again later.';
        throw limited('sessions:caller', 429, message, { retryAfter: RETRY_AFTER });
      }
      this.end(leftBehind);
    }
    if (this.#entries.size < this.#settings.max) return;
    const givenUp = this.#givenUpFor(group);
    if (givenUp === undefined) {
      const message = 'Too many sessions are open on this server. Try again later.';
      const limit = 'sessions_overall';
      throw limited('sessions:instance', 503, message, { retryAfter: RETRY_AFTER, limit });
    }
    this.end(givenUp);
  }

  add(id: string, principal: Principal, session: OpenSession): void {
    const { caller, client, group } = callerKeysOf(principal);
    this.#entries.set(id, { session, owner: client, caller, group, usedAt: performance.now() });
    const own = this.#ofCaller.get(caller) ?? new Set();
    this.#ofCaller.set(caller, own.add(id));
    this.#shares.add(group, id);
    session.renew(principal);
    const { idleTimeout } = this.#settings;
    this.#timer ??= setInterval(
      () => this.#sweep(),
      Math.max(MIN_SWEEP_INTERVAL_MS, idleTimeout / SWEEPS),
    ).unref();
  }

  /**
   * Finds a session by its ID and restarts its idle timeout.
   *
   * @param type required class of the session
   * @throws {JsonRpcError} 404 when the session is unknown or belongs to another caller
   */
  find<Session extends OpenSession>(
    id: string,
    principal: Principal,
    type: abstract new (...parameters: never[]) => Session,
  ): Session {
    const entry = this.#entries.get(id);
    if (!isOf(principal, entry) || !(entry.session instanceof type)) {
      throw unknownSession();
    }
    entry.usedAt = performance.now();
    entry.session.renew(principal);
    return entry.session;
  }

  /** Restarts the idle timeout of a session whose call has ended. */
  touch(id: string): void {
    const entry = this.#entries.get(id);
    if (entry) entry.usedAt = performance.now();
  }

  /** Whether the caller has a session with this ID. */
  has(id: string, principal: Principal): boolean {
    return isOf(principal, this.#entries.get(id));
  }

  end(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    const own = this.#ofCaller.get(entry.caller);
    own?.delete(id);
    if (own?.size === 0) this.#ofCaller.delete(entry.caller);
    this.#shares.remove(entry.group, id);
    entry.session.end();
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Returns the session that the largest organization gives up for another. A connected client notices the end of its
   * session, so such sessions come later, and those whose call waits for an answer come last: otherwise the largest could
   * keep the others out with questions that nobody answers. A session with a running call is never given up: with a loop
   * of requests, a small organization could end all calls of the largest.
   */
  #givenUpFor(group: string): string | undefined {
    const ids = this.#shares.largestOver(group);
    return (
      this.#leastUsed(ids, isLeftBehind) ??
      this.#leastUsed(ids, ({ busy }) => !busy) ??
      this.#leastUsed(ids, ({ isRunning }) => !isRunning)
    );
  }

  /** Returns the least recently used of some sessions that fits. */
  #leastUsed(ids: Iterable<string>, fits: (session: OpenSession) => boolean): string | undefined {
    let found: string | undefined;
    let usedAt = Infinity;
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (!entry || entry.usedAt >= usedAt || !fits(entry.session)) continue;
      found = id;
      ({ usedAt } = entry);
    }
    return found;
  }

  #sweep(): void {
    for (const { session } of this.#entries.values()) session.endAbandoned();
    this.#endIdle();
  }

  #endIdle(): void {
    const now = performance.now();
    for (const [id, entry] of this.#entries) {
      if (entry.usedAt > now - this.#settings.idleTimeout) continue;
      if (entry.session.busy) entry.usedAt = now;
      else this.end(id);
    }
  }
}

/** Error for a session that has ended, never existed, or belongs to another caller. */
export const unknownSession = (): JsonRpcError =>
  new JsonRpcError('unknown_session', 404, UNKNOWN, 'Session not found.');

/** Whether no call is running or waits, and the client is not connected. */
const isLeftBehind = ({ busy, attended }: OpenSession): boolean => !busy && !attended;

const isOf = (principal: Principal, entry: Entry | undefined): entry is Entry =>
  entry?.owner === callerKeysOf(principal).client;
