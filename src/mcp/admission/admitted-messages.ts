import type { AuthInfo, CompleteRequestParams } from '@modelcontextprotocol/server';

import type { Asked, AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import type { Message } from './message.js';

type Kind = Asked['kind'];
type AskedOf<Wanted extends Kind> = Extract<Asked, { kind: Wanted }>;

/**
 * Messages of one HTTP request, on their way through an SDK to their handlers.
 *
 * Both SDKs pass the AuthInfo of a message to its handler unchanged. So this object is the AuthInfo of its messages. It
 * describes the caller without the token, which never leaves the guard.
 */
export class AdmittedMessages implements AuthInfo {
  constructor(
    readonly context: RequestContext,
    readonly messages: readonly Message[],
    private readonly authorization: Pick<AuthorizationService, 'find'>,
  ) {}

  get token(): string {
    return '';
  }

  get clientId(): string {
    const { clientId, subject } = this.context.principal;
    return clientId ?? subject;
  }

  get scopes(): string[] {
    return [...this.context.principal.scopes];
  }

  get expiresAt(): number {
    return this.context.principal.expiresAt;
  }

  /** Methods of the messages. */
  get methods(): Set<string> {
    return new Set(this.messages.map(({ method }) => method).filter((method) => method !== undefined));
  }

  /**
   * Returns the target of a message as admission found it, even if the catalog or the tool policy has changed since. In a
   * later round of a call, minutes may have passed, so the target is found again.
   *
   * @param name name or URI in the message
   * @param state state of an earlier round; undefined in the first
   * @returns undefined if the target does not exist or is hidden from the caller
   */
  asked<Wanted extends Kind>(kind: Wanted, name: string, state?: unknown): AskedOf<Wanted> | undefined {
    const asked =
      state === undefined
        ? this.#asked(kind, name)
        : this.authorization.find(this.context.principal, { kind, name }, this.context.selection);
    return isOfKind(asked, kind) ? asked : undefined;
  }

  /** Returns the target of a completion. */
  askedBy(ref: CompleteRequestParams['ref']): AskedOf<'prompt' | 'template'> | undefined {
    return ref.type === 'ref/prompt' ? this.asked('prompt', ref.name) : this.asked('template', ref.uri);
  }

  #asked(kind: Kind, name: string): Asked | undefined {
    for (const { asked } of this.messages) if (asked?.kind === kind && asked.name === name) return asked;
    return undefined;
  }
}

const isOfKind = <Wanted extends Kind>(asked: Asked | undefined, kind: Wanted): asked is AskedOf<Wanted> =>
  asked?.kind === kind;

/**
 * Returns the messages whose AuthInfo a handler receives.
 *
 * @throws {Error} when the SDK handles a message outside a request
 */
export function admittedIn(authInfo: unknown): AdmittedMessages {
  if (authInfo instanceof AdmittedMessages) return authInfo;
  throw new Error('The SDK handles a message outside a request.');
}
