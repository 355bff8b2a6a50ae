/** Creates an element. Text is always text, so that no result of a tool becomes markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | boolean | undefined>>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') created.setAttribute(name, value);
    else if (value) created.setAttribute(name, '');
  }
  created.append(...children);
  return created;
}

/** Creates a button that runs an action, and cannot be pressed again until the action is done. */
export function button(
  text: string,
  attributes: Record<string, string>,
  act: () => Promise<void>,
): HTMLButtonElement {
  const created = element('button', { type: 'button', ...attributes }, text);
  created.addEventListener('click', () => {
    created.disabled = true;
    void act().finally(() => (created.disabled = false));
  });
  return created;
}

/** Finds an element of the page, which the server rendered. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}.`);
  return found;
}

/** Tells users of a screen reader what happened. */
export function announce(text: string): void {
  byId('status').textContent = text;
}
