import { Logger } from '@nestjs/common';
import {
  type ClientCapabilities,
  type CreateMessageRequestParams,
  type CreateMessageResult,
  type CreateMessageResultWithTools,
  type InputRequest,
  inputRequired,
  inputResponse,
  type LoggingLevel,
  type Root,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

import type { Organization } from '../../auth/organization.js';
import type { Principal } from '../../auth/principal.js';
import { messageOf } from '../../logging/trace-of.js';
import { type Announcements, audienceOf } from './audience.js';
import { organizationOf } from './caller.js';
import type { ClientChannel } from './client-channel.js';
import type { ClientInput } from './client-input.js';
import { toldData, toldLevel, toldText } from './told.js';

/** A question with a form. */
export interface FormQuestion<Schema extends StandardSchemaWithJSON> {
  /** For the person who answers. Never ask for a secret: send them to a page of yours instead. */
  readonly message: string;
  /** What the answer must be: an object of texts, numbers, booleans and choices. */
  readonly schema: Schema;
  /** What the client knows the question by; unique in the call. By default its turn. */
  readonly key?: string;
}

/** A question that is answered on a page of one's own, such as a payment or a sign-in elsewhere. */
export interface PageQuestion {
  /** For the person who is sent there. */
  readonly message: string;
  /** Nothing of the person may be in it, and whoever opens it must still prove who they are. */
  readonly url: string;
  readonly key?: string;
}

/** What a person did with a question. */
export type Elicited<Content> =
  { readonly action: 'accept'; readonly content: Content } | { readonly action: 'decline' | 'cancel' };

const LOGGER = new Logger('CallContext');

/** What a handler may ask of the call it serves: its second parameter. */
export class CallContext {
  readonly #signal: () => AbortSignal;
  readonly #channel: ClientChannel;
  readonly #input: ClientInput;
  readonly #announcements: Announcements;
  #progress = -Infinity;

  constructor(
    /** Who is calling. */
    readonly principal: Principal,
    signal: () => AbortSignal,
    /** When the call's time is over, as `performance.now()` tells time, milliseconds. */
    readonly deadline: number,
    channel: ClientChannel,
    input: ClientInput,
    announcements: Announcements,
  ) {
    this.#signal = signal;
    this.#channel = channel;
    this.#input = input;
    this.#announcements = announcements;
  }

  /** Fires when the deadline passes, and when the caller cancels the call. */
  get signal(): AbortSignal {
    return this.#signal();
  }

  /**
   * The caller's organisation.
   *
   * @throws {ToolError} when the token names none
   */
  get organization(): Organization {
    return organizationOf(this.principal);
  }

  /** What the client declares to be able to do; in a session, only elicitation, sampling and roots. */
  get clientCapabilities(): ClientCapabilities {
    return this.#channel.capabilities ?? {};
  }

  /**
   * Tells the client how far the call is, if it wants to know. Smaller values than before are left out, and so are
   * values and totals that are not finite numbers. Never fails, and does nothing once the call has ended.
   *
   * @param total of the same unit, where it is known
   */
  async progress(progress: number, total?: number, message?: string): Promise<void> {
    const { progressToken } = this.#channel;
    if (progressToken === undefined || !Number.isFinite(progress) || progress <= this.#progress) return;
    this.#progress = progress;
    await this.#tell(() =>
      this.#channel.notify('notifications/progress', {
        progressToken,
        progress,
        ...(Number.isFinite(total) && { total }),
        ...(message !== undefined && { message: toldText(message) }),
      }),
    );
  }

  /**
   * Sends the client a log message, if it wants those of this level. Never fails, and does nothing once the call has
   * ended. For the server's own log, use NestJS's.
   *
   * @param level `info` is sent in place of a level that the protocol lacks
   * @param data what JSON cannot represent, such as a Map, becomes readable; an error has no stack
   */
  async log(level: LoggingLevel, data: unknown, logger?: string): Promise<void> {
    const from = logger === undefined ? undefined : toldText(logger);
    await this.#tell(() => this.#channel.log(toldLevel(level), toldData(data), from));
  }

  /**
   * Asks the person who calls, with a form or by sending them to a page.
   *
   * Where the answer is not at hand, the handler is left here and called again from its top once it is: whatever
   * has an effect belongs behind the last question.
   *
   * @returns the answer, validated; what does not fit the schema is asked again
   */
  elicit<Schema extends StandardSchemaWithJSON>(
    question: FormQuestion<Schema>,
  ): Promise<Elicited<StandardSchemaWithJSON.InferOutput<Schema>>>;
  elicit(question: PageQuestion): Promise<{ readonly action: 'accept' | 'decline' | 'cancel' }>;
  elicit(question: FormQuestion<StandardSchemaWithJSON> | PageQuestion): Promise<unknown> {
    const { message, key } = question;
    if ('url' in question) {
      const request = (): InputRequest => inputRequired.elicitUrl({ message, url: question.url });
      return this.#input.ask(request, actionOf, key);
    }
    const { schema } = question;
    const request = (): InputRequest => inputRequired.elicit({ message, requestedSchema: schema });
    return this.#input.ask(request, (response) => formAnswer(schema, response), key);
  }

  /** Has the client's own model write something. As with {@link elicit}, the handler may be called again. */
  sample(
    parameters: CreateMessageRequestParams,
    key?: string,
  ): Promise<CreateMessageResult | CreateMessageResultWithTools> {
    return this.#input.ask(() => inputRequired.createMessage(parameters), writtenIn, key);
  }

  /** Asks the client for the folders that it works in. As with {@link elicit}, the handler may be called again. */
  listRoots(key?: string): Promise<readonly Root[]> {
    return this.#input.ask(() => inputRequired.listRoots(), rootsIn, key);
  }

  /**
   * Tells those of the caller's organisation who listen that what is read at a URI has changed, or is gone; where
   * the caller has none, itself. Say so once it is done: whoever hears of it may read at once.
   */
  resourceUpdated(uri: string): void {
    this.#announcements.resourceUpdated(uri, audienceOf(this.principal));
  }

  /** Tells the same that `resources/list` has other entries than before. */
  resourceListChanged(): void {
    this.#announcements.resourceListChanged(audienceOf(this.principal));
  }

  /**
   * Closes the stream that the client waits on, where it can come back for the rest: on a session with
   * resumable streams. Elsewhere nothing happens.
   */
  releaseConnection(): void {
    if (!this.#input.hasEnded) this.#channel.release?.();
  }

  /** A notification that cannot be sent must not cost the call its result. */
  async #tell(send: () => Promise<void>): Promise<void> {
    if (this.#input.hasEnded) return;
    try {
      await send();
    } catch (error) {
      if (!this.#input.hasEnded) LOGGER.warn(`A notification could not be sent: ${messageOf(error)}`);
    }
  }
}

const viewOf = (response: unknown): ReturnType<typeof inputResponse> =>
  inputResponse({ response }, 'response');

function writtenIn(response: unknown): CreateMessageResult | CreateMessageResultWithTools | undefined {
  const view = viewOf(response);
  return view.kind === 'sampling' ? view.result : undefined;
}

function rootsIn(response: unknown): readonly Root[] | undefined {
  const view = viewOf(response);
  return view.kind === 'roots' ? view.roots : undefined;
}

function actionOf(response: unknown): { action: 'accept' | 'decline' | 'cancel' } | undefined {
  const view = viewOf(response);
  return view.kind === 'elicit' ? { action: view.action } : undefined;
}

async function formAnswer(
  schema: StandardSchemaWithJSON,
  response: unknown,
): Promise<Elicited<unknown> | undefined> {
  const view = viewOf(response);
  if (view.kind !== 'elicit') return undefined;
  if (view.action !== 'accept') return { action: view.action };
  const validated = await schema['~standard'].validate(view.content ?? {});
  return validated.issues ? undefined : { action: 'accept', content: validated.value };
}
