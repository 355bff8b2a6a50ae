import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import { hasForm, readForm } from '../http/messages.js';
import { publicFetch } from '../public-fetch.js';
import type { IssuerUrls } from '../issuer-urls.js';
import type { TargetResource } from '../target-resource.js';
import {
  decideScopes,
  OIDC_SCOPES,
  parseScope,
  type ScopeDecision,
  scopePhrase,
  unknownScopes,
} from '../scopes.js';
import { DEMO_USERS, findUserByLogin, type DemoUser } from '../users.js';
import { errorPage } from './error-page.js';
import { type LoadLogo, logoLoader } from './logo.js';
import { sendPage } from './page.js';
import { type SignInChoice, signInPage } from './sign-in-page.js';

/** Dependencies of the sign-in page. */
export interface SignInParts {
  readonly urls: IssuerUrls;
  readonly resource: TargetResource;
  readonly provider: () => Provider;
  /** Only for tests. */
  readonly allowPrivateClientAddresses: boolean;
}

/** Sign-in page between an authorization request and its response. */
export class SignIn {
  readonly #urls: IssuerUrls;
  readonly #resource: TargetResource;
  readonly #provider: () => Provider;
  readonly #loadLogo: LoadLogo;

  constructor(parts: SignInParts) {
    this.#urls = parts.urls;
    this.#resource = parts.resource;
    this.#provider = parts.provider;
    this.#loadLogo = logoLoader(publicFetch({ allowPrivateAddresses: parts.allowPrivateClientAddresses }));
  }

  /**
   * Shows the page or processes its form.
   *
   * @param uid id of the interaction, from the path
   */
  async handle(req: IncomingMessage, res: ServerResponse, uid: string): Promise<void> {
    const interaction = await this.#findInteraction(req, res, uid);
    if (!interaction) {
      sendPage(res, 400, errorPage('expired', 'This sign-in has expired or was already completed.'));
    } else if (req.method === 'POST') {
      await this.#answer(req, res, interaction);
    } else {
      await this.#show(req, res, interaction);
    }
  }

  /** Finds the interaction of the browser's cookie. Returns undefined if it is not the one in the path. */
  async #findInteraction(
    req: IncomingMessage,
    res: ServerResponse,
    uid: string,
  ): Promise<Interaction | undefined> {
    try {
      const interaction = await this.#provider().interactionDetails(req, res);
      return interaction.uid === uid ? interaction : undefined;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    }
  }

  async #show(req: IncomingMessage, res: ServerResponse, { params }: Interaction): Promise<void> {
    const requested = parseScope(params.scope);
    const unknown = unknownScopes(requested, this.#resource.scopes());
    if (unknown.length === requested.length) {
      // Nobody can allow anything, so the client gets the reason at once (RFC 6749 §4.1.2.1).
      const description = `this server has no scope ${unknown.join(' ')}`;
      const result = { error: 'invalid_scope', error_description: description };
      await this.#provider().interactionFinished(req, res, result, { mergeWithLastSubmission: false });
      return;
    }
    const client = await this.#provider().Client.find(String(params.client_id));
    const choices = DEMO_USERS.map((user) => ({ user, scopes: this.#decide(user, params.scope) }));
    sendPage(
      res,
      200,
      signInPage({
        clientId: String(params.client_id),
        clientName: client?.clientName,
        logo: await this.#loadLogo(client?.logoUri),
        redirectUri: String(params.redirect_uri),
        resourceUrl: String(params.resource),
        scopes: requested
          .filter((scope) => !unknown.includes(scope))
          .map((scope) => ({ scope, phrase: scopePhrase(scope, this.#resource.usesOf) })),
        unknownScopes: unknown,
        choices,
        selected: selectedOf(choices, String(params.login_hint)),
      }),
    );
  }

  async #answer(req: IncomingMessage, res: ServerResponse, interaction: Interaction): Promise<void> {
    if (req.headers.origin !== this.#urls.environment) {
      sendPage(res, 403, errorPage('forbidden', 'The form was submitted from another site.'));
      return;
    }
    const form = hasForm(req) ? await readForm(req) : new URLSearchParams();
    const user = findUserByLogin(form.get('user'));
    const decision = form.get('decision');
    if (!user || (decision !== 'allow' && decision !== 'deny')) {
      sendPage(res, 400, errorPage('invalid_request', 'Choose a user, then allow or deny.'));
      return;
    }
    const result =
      decision === 'allow'
        ? await this.#allow(user, interaction)
        : { error: 'access_denied', error_description: 'the user denied the request' };
    await this.#provider().interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }

  /** Records the granted and the refused scopes, so that no further consent is needed. */
  async #allow(user: DemoUser, { params }: Interaction): Promise<InteractionAnswer> {
    const { granted, refused } = this.#decide(user, params.scope);
    if (granted.length === 0) {
      const description = `${user.login} may have none of the requested scopes`;
      return { error: 'access_denied', error_description: description };
    }
    const { Grant } = this.#provider();
    const grant = new Grant({ accountId: user.id, clientId: String(params.client_id) });
    grant.addOIDCScope(granted.filter((scope) => OIDC_SCOPES.includes(scope)));
    grant.addResourceScope(String(params.resource), [...granted]);
    grant.rejectResourceScope(String(params.resource), [...refused]);
    return { login: { accountId: user.id }, consent: { grantId: await grant.save() } };
  }

  #decide(user: DemoUser, scope: unknown): ScopeDecision {
    return decideScopes(parseScope(scope), user, this.#resource.scopes());
  }
}

/** Returns the login name of the hinted user, else of the first who may have any of the scopes. */
function selectedOf(choices: readonly SignInChoice[], hint: string): string {
  const possible = choices.filter(({ scopes }) => scopes.granted.length > 0).map(({ user }) => user);
  const hinted = possible.find(({ login, email }) => login === hint || email === hint);
  return (hinted ?? possible[0])?.login ?? '';
}

type InteractionAnswer =
  | { error: string; error_description: string }
  | { login: { accountId: string }; consent: { grantId: string } };
