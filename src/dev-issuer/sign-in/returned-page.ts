import { html, Html, nothing } from '../../pages/html.js';
import { page } from './page.js';
import { shownName } from './shown-name.js';

/**
 * Renders the page that stays in the tab while the browser opens an application by its private-use scheme (RFC 8252
 * §7.1). Browsers show nothing of their own then, and ask the user first.
 *
 * @param location redirect to the application, with the code or the error
 */
export function returnedPage(location: string, clientName: string | undefined): Html {
  const url = new URL(location);
  const application = shownName(clientName ?? url.protocol);
  const error = url.searchParams.get('error');
  const description = url.searchParams.get('error_description');
  const refresh = html`<meta http-equiv="refresh" content="0;url=${location}" />`;
  return page(
    error === null ? 'Signed in' : 'Not signed in',
    html`<h1>${error === null ? 'Signed in.' : 'Not signed in.'} You can return to ${application}.</h1>
      ${error === null ? nothing : html`<p class="lead">${description ?? error}</p>`}
      <p class="lead">Your browser asks whether to open the application. If it does not:</p>
      <p><a class="button primary" href="${location}">Open ${application}</a></p>
      <p class="fine">You can close this tab afterwards.</p>`,
    refresh,
  );
}
