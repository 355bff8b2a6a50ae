import { byId, element } from './dom.js';

/** Thrown for a problem that an administrator can solve. The page shows the text that the administrator needs. */
export class NeedsAdministrator extends Error {
  constructor(
    message: string,
    /** Settings for the administrator to copy. */
    readonly settings: string,
  ) {
    super(message);
  }
}

/** Shows why something did not work. */
export function showProblem(error: unknown): void {
  const place = byId('problem');
  place.replaceChildren(error instanceof Error ? error.message : String(error));
  if (error instanceof NeedsAdministrator) place.append(element('pre', { tabindex: '0' }, error.settings));
  place.hidden = false;
}

export function hideProblem(): void {
  byId('problem').hidden = true;
}
