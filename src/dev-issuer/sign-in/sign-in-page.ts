import { isMetadataDocumentUrl } from '../client-metadata.js';
import type { ScopeDecision } from '../scopes.js';
import type { DemoUser } from '../users.js';
import { html, nothing, type Html } from '../../pages/html.js';
import { page } from './page.js';
import { shownName } from './shown-name.js';

/** User to choose from, with the scopes that the user would get. */
export interface SignInChoice {
  readonly user: DemoUser;
  readonly scopes: ScopeDecision;
}

/** Requested scope, and what it allows; undefined if nothing needs it. */
export interface RequestedScope {
  readonly scope: string;
  readonly phrase: string | undefined;
}

/** Content of the sign-in page. Strings from the client are escaped. */
export interface SignInRequest {
  readonly clientId: string;
  readonly clientName: string | undefined;
  /** Logo of the client as a `data:` URL. */
  readonly logo: string | undefined;
  readonly redirectUri: string;
  readonly resourceUrl: string;
  readonly scopes: readonly RequestedScope[];
  /** Requested scopes that do not exist, and are left out. */
  readonly unknownScopes: readonly string[];
  readonly choices: readonly SignInChoice[];
  /** Login name of the preselected user. */
  readonly selected: string;
}

/** Renders the sign-in page: the client, the requested access and the demo users. */
export function signInPage(request: SignInRequest): Html {
  const client = shownName(request.clientName ?? request.clientId);
  return page(
    `Sign in to ${client}`,
    html`<div class="requester">
        ${
          request.logo === undefined
            ? html`<span class="logo" aria-hidden="true">${initialOf(client)}</span>`
            : html`<img class="logo" src="${request.logo}" alt="" />`
        }
        <div>
          <h1><bdi class="client">${client}</bdi> wants to connect</h1>
          <p class="fine">${registration(request)}</p>
        </div>
      </div>
      <section class="access" aria-labelledby="requested">
        <h2 id="requested">Access to ${request.resourceUrl}</h2>
        ${scopeList(request)}
      </section>
      <form method="post">
        <fieldset>
          <legend>Sign in as <span>— demo users without passwords</span></legend>
          ${request.choices.map((choice) => userChoice(choice, choice.user.login === request.selected))}
        </fieldset>
        <div class="actions">
          <button class="primary" name="decision" value="allow">Allow</button>
          <button name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  );
}

/**
 * Says who registered the client. Name and logo are its own words. The host of a metadata document is certain, and so
 * is the host that the answer goes to.
 */
function registration({ clientId, redirectUri }: SignInRequest): Html {
  const isPublished = isMetadataDocumentUrl(clientId);
  return html`${isPublished ? html`Published at <b>${hostOf(clientId)}</b>, returns` : html`Returns`} to
    <b>${hostOf(redirectUri)}</b>
    ${isPublished ? nothing : html`<span class="mark" title="Anybody can register this name">unverified</span>`}`;
}

function scopeList({ scopes, unknownScopes }: SignInRequest): Html {
  return html`<ul class="scopes">
      ${scopes.map(
        ({ scope, phrase }) =>
          html`<li>
            <code>${scope}</code>${phrase === undefined ? nothing : html`<span>${phrase}</span>`}
          </li>`,
      )}
    </ul>
    ${
      unknownScopes.length === 0
        ? nothing
        : html`<p class="fine">
            Left out, because this server has no such scope: ${unknownScopes.join(' ')}
          </p>`
    }`;
}

const initialOf = (name: string): string => String.fromCodePoint(name.codePointAt(0) ?? 77).toUpperCase();

function userChoice({ user, scopes }: SignInChoice, selected: boolean): Html {
  const { granted, refused } = scopes;
  return html`<label class="user">
    <input
      type="radio"
      name="user"
      value="${user.login}"
      required
      ${selected ? html`checked` : nothing}
      ${granted.length === 0 ? html`disabled` : nothing}
    />
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

/** Returns the host of a URL, or the scheme for a private-use scheme (RFC 8252 §7.1). */
function hostOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri;
  return ['http:', 'https:'].includes(url.protocol) ? url.host : url.protocol + (url.host && `//${url.host}`);
}
