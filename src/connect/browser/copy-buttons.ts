import { announce } from './dom.js';

/** Time for which a button says that it has copied. */
const COPIED_MS = 2_000;

/** Shows the buttons that copy the text next to them. */
export function enableCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const text = button.parentElement?.querySelector('code')?.textContent ?? '';
      void navigator.clipboard.writeText(text).then(
        () => confirm(button, 'Copied'),
        () => select(button),
      );
    });
  }
}

function confirm(button: HTMLButtonElement, text: string): void {
  button.textContent = text;
  announce(text);
  setTimeout(() => (button.textContent = 'Copy'), COPIED_MS);
}

/** Selects the text where the browser does not let the page copy it, such as on http. */
function select(button: HTMLButtonElement): void {
  const code = button.parentElement?.querySelector('code');
  if (code) getSelection()?.selectAllChildren(code);
  announce('Selected. Copy it with the keyboard.');
}
