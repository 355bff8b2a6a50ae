import { Logger } from '@nestjs/common';
import {
  type ClientCapabilities,
  type CreateMessageRequestParams,
  type CreateMessageResult,
  type CreateMessageResultWithTools,
  type InputRequest,
  inputRequired,
  inputResponse,
  isSpecType,
  type LoggingLevel,
  type Root,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';

import type { Organization } from '../../auth/organization.js';
import type { Principal } from '../../auth/principal.js';
import { messageOf } from '../../values/trace-of.js';
import { type Announcements, audienceOf } from './audience.js';
import { organizationOf } from './caller.js';
import type { ClientChannel } from './client-channel.js';
import { type ClientInput, InvalidAnswer } from './client-input.js';
import { formSchema, problemOf, withProblems } from './form-schema.js';
import { idempotencyKeyIn } from './idempotency-key.js';
import { toldData, toldLevel, toldText } from './told.js';

/** Question with a form. */
export interface FormQuestion<Schema extends StandardSchemaWithJSON> {
  /** Text for the person who answers. Never ask for a secret: send the person to a page of your own instead. */
  readonly message: string;
  /**
   * Schema of the answer: an object with strings, numbers, booleans and choices. Further constraints are checked, but the
   * form does not show them.
   */
  readonly schema: Schema;
  /** Key of the question, unique in the call. Defaults to its position. */
  readonly key?: string;
}

/** Question that a person answers on your own page, such as a payment or a sign-in to another service. */
export interface PageQuestion {
  /** Text for the person who opens the page. */
  readonly message: string;
  /** URL of the page. It must not contain personal data, and the page must authenticate its visitor. */
  readonly url: string;
  readonly key?: string;
}

/** Person's reaction to a question. */
export type Elicited<Content> =
  { readonly action: 'accept'; readonly content: Content } | { readonly action: 'decline' | 'cancel' };

/** Whether an answer of the client is a person's reaction to a question. */
export const isElicited = (answer: unknown): answer is Elicited<unknown> =>
  typeof answer === 'object' && answer !== null && 'action' in answer;

/** Tool, resource or prompt that a call uses. */
export interface CalledOffer {
  readonly kind: 'tool' | 'resource' | 'prompt';
  readonly name: string;
}

const LOGGER = new Logger('CallContext');

/** Second parameter of a handler: gives access to the current call. */
export class CallContext {
  readonly #signal: () => AbortSignal;
  readonly #channel: ClientChannel;
  readonly #input: ClientInput;
  readonly #announcements: Announcements;
  readonly #offer: CalledOffer;

  constructor(
    /** Authenticated caller. */
    readonly principal: Principal,
    signal: () => AbortSignal,
    /** Deadline of the call in milliseconds, on the clock of `performance.now()`. */
    readonly deadline: number,
    channel: ClientChannel,
    input: ClientInput,
    announcements: Announcements,
    offer: CalledOffer,
  ) {
    this.#signal = signal;
    this.#channel = channel;
    this.#input = input;
    this.#announcements = announcements;
    this.#offer = offer;
  }

  /** Tool, resource or prompt that is used. */
  get offer(): CalledOffer {
    const { kind, name } = this.#offer;
    return { kind, name };
  }

  /** Aborted when the deadline passes or the caller cancels the call. */
  get signal(): AbortSignal {
    return this.#signal();
  }

  /**
   * Organization of the caller.
   *
   * @throws {ToolError} when the access token has no organization
   */
  get organization(): Organization {
    return organizationOf(this.principal);
  }

  /**
   * Key that the client sends in `_meta` with a call and all its retries, to have its effect only once; undefined without
   * one. `OrganizationDatabase.once` uses it.
   *
   * @throws {ToolError} when the key is invalid
   */
  get idempotencyKey(): string | undefined {
    return idempotencyKeyIn(this.#channel.meta);
  }

  /** Copy of the declared client capabilities. In a session, only elicitation, sampling and roots. */
  get clientCapabilities(): ClientCapabilities {
    return structuredClone(this.#channel.capabilities ?? {});
  }

  /**
   * Reports progress to the client, if the client requested it. Skips values that do not increase, and values and totals
   * that are not finite. Never fails, and does nothing after the end of the call.
   *
   * @param total total in the same unit, if known
   */
  async progress(progress: number, total?: number, message?: string): Promise<void> {
    const asked = this.#channel.progress;
    if (!asked || !Number.isFinite(progress) || progress <= asked.last) return;
    asked.last = progress;
    await this.#tell(() =>
      this.#channel.notify('notifications/progress', {
        progressToken: asked.token,
        progress,
        ...(Number.isFinite(total) && { total }),
        ...(message !== undefined && { message: toldText(message) }),
      }),
    );
  }

  /**
   * Sends a log message to the client, if the client requested this level. Never fails, and does nothing after the end of
   * the call. For the server's own log, use NestJS's Logger.
   *
   * @param level level of the message; an unknown level is sent as `info`
   * @param data values that JSON cannot represent, such as a Map, become readable; an error has no stack
   */
  async log(level: LoggingLevel, data: unknown, logger?: string): Promise<void> {
    const from = logger === undefined ? undefined : toldText(logger);
    await this.#tell(() => this.#channel.log(toldLevel(level), toldData(data), from));
  }

  /**
   * Asks the caller's user a question, with a form or on a page.
   *
   * If the answer is not available yet, this method interrupts the handler. The handler runs again from its start when the
   * answer arrives, so put all side effects after the last question.
   *
   * @returns the validated answer; if an answer does not match the schema, the question is asked again
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
    const request = (problems: readonly string[] = []): InputRequest =>
      inputRequired.elicit({
        message: withProblems(message, problems),
        requestedSchema: formSchema(message, schema),
      });
    return this.#input.ask(request, (response) => formAnswer(schema, response), key);
  }

  /** Requests a completion from the client's model. Like {@link elicit}, it may run the handler again. */
  sample(
    parameters: CreateMessageRequestParams,
    key?: string,
  ): Promise<CreateMessageResult | CreateMessageResultWithTools> {
    return this.#input.ask(() => inputRequired.createMessage(parameters), writtenIn, key);
  }

  /** Requests the client's root folders. Like {@link elicit}, it may run the handler again. */
  listRoots(key?: string): Promise<readonly Root[]> {
    return this.#input.ask(() => inputRequired.listRoots(), rootsIn, key);
  }

  /**
   * Notifies listeners in the caller's organization that a resource was changed or deleted. If the caller has no
   * organization, only the caller is notified. Call it after the change is complete: listeners may read at once.
   */
  resourceUpdated(uri: string): void {
    this.#announcements.resourceUpdated(uri, audienceOf(this.principal));
  }

  /** Notifies the same listeners that the entries of `resources/list` have changed. */
  resourceListChanged(): void {
    this.#announcements.resourceListChanged(audienceOf(this.principal));
  }

  /**
   * Closes the stream that the client waits on, if the client can resume it: in a session with resumable streams.
   * Otherwise does nothing.
   */
  releaseConnection(): void {
    if (!this.#input.hasEnded) this.#channel.release?.();
  }

  /** Sends a notification. A failure is logged and does not affect the call's result. */
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
  if (view.kind !== 'sampling') return undefined;
  return isSpecType.CreateMessageResult(view.result) || isSpecType.CreateMessageResultWithTools(view.result)
    ? view.result
    : undefined;
}

function rootsIn(response: unknown): readonly Root[] | undefined {
  const view = viewOf(response);
  return view.kind === 'roots' && isSpecType.ListRootsResult(view) ? view.roots : undefined;
}

function actionOf(response: unknown): { action: 'accept' | 'decline' | 'cancel' } | undefined {
  const view = viewOf(response);
  return view.kind === 'elicit' ? { action: view.action } : undefined;
}

async function formAnswer(
  schema: StandardSchemaWithJSON,
  response: unknown,
): Promise<Elicited<unknown> | InvalidAnswer | undefined> {
  const view = viewOf(response);
  if (view.kind !== 'elicit') return undefined;
  if (view.action !== 'accept') return { action: view.action };
  const validated = await schema['~standard'].validate(view.content ?? {});
  return validated.issues
    ? new InvalidAnswer(validated.issues.map(problemOf))
    : { action: 'accept', content: validated.value };
}
