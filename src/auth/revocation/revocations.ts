import type { Configuration } from '../../config/configuration.js';
import { connectionProblem } from '../../values/connection-problem.js';
import { principalIssuer, principalIssuers } from './issuers.js';
import { isLive, keyOf, revoke, type Revocation, type Selector } from './revocation.js';
import {
  parseDocument,
  UnreadableRevocationsError,
  withoutRevocation,
  withRevocations,
} from './revocation-document.js';
import { RevocationError } from './revocation-error.js';
import {
  changeDocument,
  FullRevocationListError,
  type RevocationStorage,
  StorageRefusesError,
} from './revocation-storage.js';
import {
  actorOf,
  requireKnownOptions,
  type RevocationTarget,
  type RevokeOptions,
  selectorName,
  selectorOf,
  timesOf,
} from './revocation-parameters.js';

/** Change of the list that is in force. */
export interface RevocationResult {
  /** `redis`: in all instances. `file`: in the instance with this state directory. `memory`: in the running ones, until they can store it. */
  readonly storedIn: RevocationStorage['kind'] | 'memory';
  /** Says where the change holds, and what to do if it is not stored. */
  readonly message: string;
}

/** Change of the list by this process. */
export interface RevocationChange {
  readonly kind: 'added' | 'removed';
  readonly selector: Selector;
  /** Who has made it; undefined if another process did not say. */
  readonly by?: string | undefined;
}

export interface RevocationHooks {
  /** Runs a change, and reports it to the audit trail once it has succeeded. */
  readonly making: <Result>(change: RevocationChange, make: () => Promise<Result>) => Promise<Result>;
  /** Receives what looks like a mistake, but may be intended. */
  readonly warn: (warning: string) => void;
}

/** Revokes tokens before they expire, at every instance. See docs/revocation.md. */
export class Revocations {
  /** @internal */
  constructor(
    private readonly configuration: Configuration,
    private readonly storage: RevocationStorage,
    private readonly hooks: RevocationHooks,
  ) {}

  /**
   * Revokes the tokens of the target issued up to now and, with `for`, newer ones too.
   *
   * @throws {RevocationError} when nothing was revoked
   */
  async revoke(
    target: RevocationTarget,
    options: RevokeOptions,
  ): Promise<RevocationResult & { readonly revocation: Revocation }> {
    const selector = this.#withIssuer(selectorOf(target));
    requireKnownOptions(options, ['by', 'for', 'clockMargin']);
    const by = actorOf(options.by);
    const { maxTokenLifetime } = this.configuration;
    const terms = { maxTokenLifetime, ...timesOf(options), by };
    this.#warnOfIssuer(selector);
    return this.hooks.making({ kind: 'added', selector, by }, async () => {
      try {
        return await this.#store(revoke(selector, terms, await this.storage.now()));
      } catch (error) {
        throw failureOf(error, 'revoked', this.storage.place);
      }
    });
  }

  /**
   * Undoes the revocation of the target. A wider or narrower one stays in force.
   *
   * @throws {RevocationError} when nothing was undone
   */
  async undo(target: RevocationTarget, options: Pick<RevokeOptions, 'by'>): Promise<RevocationResult> {
    const selector = this.#withIssuer(selectorOf(target));
    requireKnownOptions(options, ['by']);
    const change = { kind: 'removed', selector, by: actorOf(options.by) } as const;
    return this.hooks.making(change, async () => {
      try {
        await changeDocument(this.storage, (document, now) => {
          if (document.revocations.some((revocation) => keyOf(revocation) === keyOf(selector)))
            return withoutRevocation(document, selector, now);
          throw new RevocationError(
            'unknown',
            `Nothing to undo for ${selectorName(selector)}. List what is revoked.`,
          );
        });
      } catch (error) {
        throw failureOf(error, 'undone', this.storage.place);
      }
      return reach(this.storage);
    });
  }

  /**
   * Returns the stored revocations that are in force. Their times are milliseconds since the epoch.
   *
   * @throws {RevocationError} when the list cannot be read
   */
  async list(): Promise<readonly Revocation[]> {
    try {
      const { revocations } = parseDocument(await this.storage.read());
      const now = await this.storage.now();
      return revocations.filter((revocation) => isLive(revocation, now));
    } catch (error) {
      throw failureOf(error, 'read', this.storage.place);
    }
  }

  /** Stores a revocation. If the storage refuses it, gives it to the running instances. */
  async #store(added: Revocation): Promise<RevocationResult & { readonly revocation: Revocation }> {
    try {
      const { revocations } = await changeDocument(this.storage, (document, now) =>
        withRevocations(document, [added], now),
      );
      const combined = revocations.find((revocation) => keyOf(revocation) === keyOf(added));
      return { revocation: combined ?? added, ...reach(this.storage) };
    } catch (error) {
      if (!(error instanceof StorageRefusesError)) throw error;
      const receivers = this.storage.offer ? await this.storage.offer(error.text) : 0;
      if (receivers === 0) throw error;
      return {
        revocation: added,
        storedIn: 'memory',
        message: [
          `${error.message} The running server processes (${receivers ?? 'a Redis Cluster does not say how many, or whether there are any'}) apply the revocation from memory and store it as soon as they can.`,
          `${error.remedy} Do not restart all processes before the list shows the revocation.`,
        ].join('\n'),
      };
    }
  }

  /** Replaces the `iss` value of a selector with the issuer of a Principal. */
  #withIssuer(selector: Selector): Selector {
    const { issuer } = selector;
    return issuer === undefined
      ? selector
      : { ...selector, issuer: principalIssuer(issuer, this.configuration) };
  }

  #warnOfIssuer({ issuer }: Selector): void {
    const trusted = principalIssuers(this.configuration);
    if (issuer === undefined || trusted.includes(issuer)) return;
    this.hooks.warn(
      `This configuration does not trust the issuer "${issuer}". The revocation takes effect only if another endpoint of the application trusts it. Trusted here: ${trusted.join(', ')}.`,
    );
  }
}

/** Describes which servers apply the stored change. */
const reach = ({ kind, place }: RevocationStorage): RevocationResult => ({
  storedIn: kind,
  message:
    kind === 'redis'
      ? 'Every instance on this Redis applies it within a second.'
      : `The server that uses ${place} applies it within a second. Other instances need REDIS_URL.`,
});

/** Returns the error for callers. A change may have succeeded all the same if its response was lost. */
function failureOf(error: unknown, done: 'revoked' | 'undone' | 'read', place: string): RevocationError {
  if (error instanceof RevocationError) return error;
  const options = { cause: error };
  if (error instanceof StorageRefusesError) {
    const message = `${error.message} Nothing was ${done}. ${error.remedy} Then try again.`;
    return new RevocationError('refused', message, options);
  }
  if (error instanceof FullRevocationListError) return new RevocationError('full', error.message, options);
  const problem = `The revocation list in ${place} cannot be ${done === 'read' ? 'read' : 'changed'}: ${connectionProblem(error)}.`;
  const remedy = error instanceof UnreadableRevocationsError ? 'Repair it.' : 'Try again.';
  return new RevocationError('unavailable', `${problem} ${remedy}`, options);
}
