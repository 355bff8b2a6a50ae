import type { Principal } from '../../auth/principal.js';
import type { ChangeEvent, ChangeEvents } from '../events/change-events.js';
import type { OpenStreams } from '../events/open-streams.js';

/** Sources of changes, and callbacks. */
export interface TokenWatchOptions {
  readonly changes: ChangeEvents;
  readonly streams: OpenStreams;
  /** Subscribed resources, looked up at each update. */
  readonly followed: ReadonlySet<string>;
  readonly onChange: (event: ChangeEvent) => void;
  /** Called when the token of the latest request has expired or is revoked. */
  readonly onEnd: (why: 'expired' | 'revoked') => void;
}

/** Notifies a session of the changes that its latest token permits, until that token expires or is revoked. */
export class TokenWatch {
  #principal: Principal | undefined;
  #stopListening: (() => void) | undefined;
  #stopWatching = (): void => {};

  constructor(private readonly options: TokenWatchOptions) {}

  renew(principal: Principal): void {
    if (principal === this.#principal) return;
    this.#stopWatching();
    const { changes, streams, followed, onChange, onEnd } = this.options;
    this.#principal = principal;
    // The same listener for each token: a new one would miss the change that is being delivered.
    this.#stopListening ??= changes.listen(() => this.#principal ?? principal, onChange, followed);
    const onBad = (): void => {
      this.stop();
      onEnd(principal.expiresAt * 1000 > Date.now() ? 'revoked' : 'expired');
    };
    this.#stopWatching = streams.open(principal, onBad, { atStop: 'finish', endsAtExpiry: true });
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopWatching();
    this.#stopWatching = () => {};
    this.#principal = undefined;
  }
}
