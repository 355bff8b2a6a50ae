/** Markup that is safe to include in a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | readonly Html[];

/** Builds markup from a template. Escapes every interpolated string, so that client input never becomes markup. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(String.raw({ raw: strings }, ...contents.map(toMarkup)));
}

/** Empty markup. */
export const nothing = new Html('');

function toMarkup(content: Content): string {
  if (typeof content === 'string') return escape(content);
  return content instanceof Html ? content.text : content.map(({ text }) => text).join('');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
