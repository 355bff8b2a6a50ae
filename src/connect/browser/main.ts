import type { PageSettings } from '../page-settings.js';
import { enableCopyButtons } from './copy-buttons.js';
import { byId, element } from './dom.js';
import { hideProblem, showProblem } from './problem.js';
import { showSession } from './session-view.js';
import { beginSignIn, finishSignIn } from './sign-in.js';

const settings: PageSettings = JSON.parse(document.querySelector('main')?.dataset['settings'] ?? '{}');

enableCopyButtons();
openLinkedClient();
if (settings.metadataUrl !== undefined && settings.mayCall) void offerSignIn();

/** Opens the setup that the address names, such as `#cursor`. */
function openLinkedClient(): void {
  const linked = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
  if (linked instanceof HTMLDetailsElement) linked.open = true;
}

async function offerSignIn(): Promise<void> {
  const button = byId('sign-in');
  byId('no-script').remove();
  if (location.origin !== new URL(settings.endpoint).origin) {
    button.replaceWith(
      element('a', { href: settings.endpoint, class: 'button' }, `Open ${settings.endpoint}`),
    );
    return;
  }
  if (!isSecureContext) {
    button.remove();
    showProblem('Browsers allow no sign-in on a page without https. Use an https address, or localhost.');
    return;
  }
  button.hidden = false;
  button.addEventListener('click', () => {
    hideProblem();
    button.toggleAttribute('disabled', true);
    void beginSignIn(settings, settings.scopes)
      .catch(showProblem)
      .finally(() => button.toggleAttribute('disabled', false));
  });
  try {
    const token = await finishSignIn(settings);
    if (token === undefined) return;
    button.textContent = 'Sign in as someone else';
    button.classList.remove('primary');
    await showSession(settings, token);
  } catch (error) {
    showProblem(error);
  }
}
