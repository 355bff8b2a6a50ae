import { isMetadataDocumentUrl } from '../client-metadata.js';
import type { ScopeDecision } from '../scopes.js';
import type { DemoUser } from '../users.js';
import { html, nothing, type Html } from '../../pages/html.js';
import { page } from './page.js';

/** User to choose from, with the scopes that the user would get. */
export interface SignInChoice {
  readonly user: DemoUser;
  readonly scopes: ScopeDecision;
}

/** Content of the sign-in page. Strings from the client are escaped. */
export interface SignInRequest {
  readonly clientId: string;
  readonly clientName: string | undefined;
  readonly redirectUri: string;
  readonly resourceUrl: string;
  readonly choices: readonly SignInChoice[];
  /** Login name of the preselected user. */
  readonly selected: string;
}

/** Renders the sign-in page: the client, the requested access and the demo users. */
export function signInPage(request: SignInRequest): Html {
  const client = request.clientName ?? request.clientId;
  return page(
    `Sign in to ${client}`,
    html`<h1><span class="client">${client}</span> wants to connect</h1>
      <p class="lead">
        This is Aerie’s development sign-in: there are no passwords. Choose the demo user to connect as.
      </p>
      <dl class="facts">
        ${isMetadataDocumentUrl(request.clientId) ? fact('Publisher', hostOf(request.clientId)) : nothing}
        ${fact('Returns to', hostOf(request.redirectUri))} ${fact('Access to', request.resourceUrl)}
      </dl>
      ${requestedScopes(request.choices)}
      <form method="post">
        <fieldset>
          <legend>Sign in as</legend>
          ${request.choices.map((choice) => userChoice(choice, choice.user.login === request.selected))}
        </fieldset>
        <div class="actions">
          <button class="primary" name="decision" value="allow">Allow</button>
          <button name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  );
}

function requestedScopes(choices: readonly SignInChoice[]): Html {
  const scopes = choices[0] ? [...choices[0].scopes.granted, ...choices[0].scopes.refused] : [];
  if (scopes.length === 0) return nothing;
  return html`<section aria-labelledby="requested">
    <h2 id="requested">Requested scopes</h2>
    <ul class="scopes">
      ${scopes.map((scope) => html`<li><code>${scope}</code></li>`)}
    </ul>
  </section>`;
}

function userChoice({ user, scopes }: SignInChoice, selected: boolean): Html {
  const { granted, refused } = scopes;
  return html`<label class="user">
    <input type="radio" name="user" value="${user.login}" required ${selected ? html`checked` : nothing} />
    <span class="who">
      <span class="name">${user.name}</span>
      <span class="membership">${user.role} at ${user.organization.name}</span>
      <span class="grant">${grantSummary(granted.length, refused)}</span>
    </span>
  </label>`;
}

function grantSummary(granted: number, refused: readonly string[]): Html {
  if (granted === 0) return html`May have none of the requested scopes`;
  if (refused.length === 0)
    return granted === 1
      ? html`Gets the requested scope`
      : html`Gets all ${String(granted)} requested scopes`;
  return html`Gets ${String(granted)} of ${String(granted + refused.length)} requested scopes, without
  ${refused.map((scope) => html`<code>${scope}</code> `)}`;
}

function fact(term: string, description: string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${description}</dd>
  </div>`;
}

/** Returns the host of a URL, or the scheme for a private-use scheme (RFC 8252 §7.1). */
function hostOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri;
  return ['http:', 'https:'].includes(url.protocol) ? url.host : url.protocol + (url.host && `//${url.host}`);
}
