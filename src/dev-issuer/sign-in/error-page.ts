import { html, nothing, type Html } from '../../pages/html.js';
import { page } from './page.js';

const REMEDIES: Readonly<Record<string, string>> = {
  invalid_client:
    'This issuer does not know the application: it is not registered here, or its metadata document is not usable. Remove the connection from the application and connect again, so that the application registers again.',
  invalid_redirect_uri: 'The application requested a redirect to an address that it has not registered.',
  expired: 'This sign-in has ended. Return to the application and connect again.',
};

/** Renders an error that cannot be reported to the client, because no safe redirect URI is known. */
export function errorPage(error: string, description: string | undefined): Html {
  const remedy = REMEDIES[error];
  return page(
    'Sign-in failed',
    html`<h1>Sign-in cannot continue</h1>
      <p class="lead">${remedy ?? description ?? 'The request could not be processed.'}</p>
      <p class="fine"><code>${error}</code>${remedy && description ? html`: ${description}` : nothing}</p>`,
  );
}
