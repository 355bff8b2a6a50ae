import { announce, element } from './dom.js';
import type { Endpoint, Tool } from './endpoint.js';
import { type Json, listOf, textOf } from './json.js';
import { argumentsForm } from './schema-form.js';

/**
 * Shows a tool, its schema, and a form to try it if it changes nothing. Schema and form are created when the tool is
 * opened, because a server may have thousands of tools.
 */
export function toolView(endpoint: Endpoint, tool: Tool, missing: readonly string[]): HTMLElement {
  const { name, title, description, isReadOnly } = tool;
  const summary = element(
    'summary',
    {},
    element('span', { class: 'name' }, title ?? name),
    ...(title === undefined ? [] : [element('code', { class: 'kind' }, name)]),
    ...(missing.length > 0
      ? [element('span', { class: 'tag warn' }, `needs ${missing.join(' ')}`)]
      : isReadOnly
        ? [element('span', { class: 'tag' }, 'read-only')]
        : []),
  );
  const setup = element(
    'div',
    { class: 'setup' },
    ...(description === undefined ? [] : [element('p', {}, description)]),
  );
  const view = element('details', {}, summary, setup);
  const complete = (): void =>
    setup.append(
      missing.length > 0
        ? element(
            'p',
            { class: 'fine' },
            `Ask for ${missing.join(' ')} below, under “More scopes”, to use it.`,
          )
        : trial(endpoint, tool),
      schemaView(tool),
    );
  view.addEventListener('toggle', complete, { once: true });
  return view;
}

const schemaView = ({ inputSchema }: Tool): HTMLElement =>
  element(
    'details',
    {},
    element('summary', {}, 'Input schema'),
    element('pre', { class: 'result', tabindex: '0' }, JSON.stringify(inputSchema, undefined, 2)),
  );

function trial(endpoint: Endpoint, tool: Tool): HTMLElement {
  if (!tool.isReadOnly) {
    return element(
      'p',
      { class: 'note' },
      'This tool may change something. Call it from your client, which asks you first.',
    );
  }
  const { fields, read } = argumentsForm(tool.inputSchema, `try-${tool.name}`);
  const submit = element('button', { class: 'primary' }, 'Try it');
  const output = element('div', {});
  const form = element('form', {}, ...fields, submit, output);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit.disabled = true;
    void show().finally(() => (submit.disabled = false));
  });
  const show = async (): Promise<void> => {
    const { text, isError } = await run(endpoint, tool, read);
    const attributes = { tabindex: '0', role: 'region', 'aria-label': `Result of ${tool.name}` };
    output.replaceChildren(element('pre', { class: isError ? 'result bad' : 'result', ...attributes }, text));
    announce(isError ? `${tool.name} failed.` : `${tool.name} answered.`);
  };
  return form;
}

interface Outcome {
  readonly text: string;
  readonly isError: boolean;
}

async function run(endpoint: Endpoint, tool: Tool, read: () => Json): Promise<Outcome> {
  try {
    const result = await endpoint.call(tool, read());
    return { text: textIn(result), isError: result['isError'] === true };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isError: true };
  }
}

/** Returns the texts of a result, or all of it as JSON if it has other content. */
function textIn(result: Json): string {
  const texts = listOf(result, 'content').map((part) =>
    part['type'] === 'text' ? textOf(part, 'text') : undefined,
  );
  return texts.length > 0 && texts.every((text) => text !== undefined)
    ? texts.map((text) => formatted(text ?? '')).join('\n')
    : JSON.stringify(result, undefined, 2);
}

/** Indents JSON, which is what most tools return. */
function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
