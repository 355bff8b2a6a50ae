import type { Principal } from '../../auth/principal.js';
import type { ChangeEvent, ChangeEvents } from '../events/change-events.js';
import type { OpenStreams } from '../events/open-streams.js';

/** What a session hears of, and what ends it. */
export interface TokenWatchOptions {
  readonly changes: ChangeEvents;
  readonly streams: OpenStreams;
  /** The resources that the session follows, looked up at each update. */
  readonly followed: ReadonlySet<string>;
  readonly onChange: (event: ChangeEvent) => void;
  /** The token that the session was last used with is good no more. */
  readonly onEnd: (why: 'expired' | 'revoked') => void;
}

/** Has a session hear of what the bearer of its latest token may hear of, for as long as that token is good. */
export class TokenWatch {
  #principal: Principal | undefined;
  #stop = (): void => {};

  constructor(private readonly options: TokenWatchOptions) {}

  renew(principal: Principal): void {
    if (principal === this.#principal) return;
    this.stop();
    const { changes, streams, followed, onChange, onEnd } = this.options;
    const stopListening = changes.listen(principal, onChange, followed);
    const onBad = (): void => {
      this.stop();
      onEnd(principal.expiresAt * 1000 > Date.now() ? 'revoked' : 'expired');
    };
    const stopWatching = streams.open(principal, onBad, 'finish');
    this.#principal = principal;
    this.#stop = () => {
      stopListening();
      stopWatching();
    };
  }

  stop(): void {
    this.#stop();
    this.#stop = () => {};
    this.#principal = undefined;
  }
}
