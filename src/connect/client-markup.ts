import { html, type Html, nothing } from '../pages/html.js';
import { canReach, CLIENT_GROUPS } from './clients/index.js';
import type { ClientGroup, ClientSetup, ServerAddress, SetupStep } from './clients/client-setup.js';

/** Renders the address of the server, ready to copy. */
export const addressBox = ({ url }: ServerAddress): Html =>
  html`<section class="address" aria-labelledby="address">
    <h2 id="address">Server address</h2>
    ${copyable(url, 'Copy address')}
  </section>`;

/** Renders the setup of all clients. */
export const clientGroups = (server: ServerAddress, hasSignIn: boolean): Html =>
  html`<section aria-labelledby="clients">
    <h2 id="clients">Set up your client</h2>
    <p class="fine">
      ${
        hasSignIn
          ? 'The client opens a browser the first time, and you sign in there.'
          : 'Add the token as the header “Authorization: Bearer …” in the settings of the client.'
      }
    </p>
    ${CLIENT_GROUPS.map((group) => clientGroup(group, server))}
  </section>`;

const clientGroup = ({ title, clients }: ClientGroup, server: ServerAddress): Html =>
  html`<h3>${title}</h3>
    <div class="clients">${clients.map((client) => clientDetails(client, server))}</div>`;

function clientDetails(client: ClientSetup, server: ServerAddress): Html {
  const reaches = canReach(client, server);
  return html`<details name="client" id="${client.id}">
    <summary>
      <span class="name">${client.name}</span>
      <span class="kind">${client.kind}</span>
      ${client.link ? html`<span class="tag">one click</span>` : nothing}
      ${reaches ? nothing : html`<span class="tag warn">needs https</span>`}
    </summary>
    <div class="setup">
      ${
        reaches
          ? nothing
          : html`<p class="note">
              ${client.name} connects from its own cloud. It needs a public https address, and cannot reach
              this one.
            </p>`
      }
      ${
        client.link
          ? html`<p><a class="button primary" href="${client.link(server)}">Add to ${client.name}</a></p>
              <p class="fine">Or without the button:</p>`
          : nothing
      }
      <ol>
        ${client.steps.map((step) => setupStep(step, server, client.name))}
      </ol>
      ${client.note === undefined ? nothing : html`<p class="fine">${client.note}</p>`}
      <p class="fine">
        From <a href="${client.source}" rel="noreferrer">the documentation of ${client.name}</a>, checked on
        <time>${client.checked}</time>.
      </p>
    </div>
  </details>`;
}

const setupStep = ({ text, copy }: SetupStep, server: ServerAddress, client: string): Html =>
  html`<li>
    <p>${text}</p>
    ${copy ? copyable(copy(server), `Copy for ${client}`) : nothing}
  </li>`;

/** Text with a button that copies it. The script shows the button. */
const copyable = (text: string, label: string): Html =>
  html`<div class="copyable">
    <pre tabindex="0"><code>${text}</code></pre>
    <button type="button" class="copy" aria-label="${label}" hidden>Copy</button>
  </div>`;
