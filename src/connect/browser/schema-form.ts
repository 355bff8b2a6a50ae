import { element } from './dom.js';
import { isJson, type Json, textOf, textsOf } from './json.js';

/** Form for the arguments of a tool. */
export interface ArgumentsForm {
  readonly fields: readonly HTMLElement[];
  /**
   * Reads the arguments.
   *
   * @throws {SyntaxError} when a field for JSON contains something else
   */
  readonly read: () => Json;
}

/** Field of one argument. */
interface Field {
  readonly label: HTMLElement;
  /** Returns the value, or undefined if the field is empty. */
  readonly read: () => unknown;
}

/** Creates a form from the input schema of a tool. What has no field of its own is edited as JSON. */
export function argumentsForm(schema: Json, idPrefix: string): ArgumentsForm {
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  if (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'] ?? schema['$ref']) return rawForm(idPrefix);
  const required = textsOf(schema, 'required');
  const fields = Object.entries(properties).map(([name, property]): [string, Field] => [
    name,
    fieldFor(name, isJson(property) ? property : {}, required.includes(name), `${idPrefix}-${name}`),
  ]);
  return {
    fields: fields.map(([, { label }]) => label),
    read: () =>
      Object.fromEntries(
        fields
          .map(([name, field]) => [name, field.read()] as const)
          .filter(([, value]) => value !== undefined),
      ),
  };
}

function rawForm(id: string): ArgumentsForm {
  const area = element('textarea', { id, spellcheck: 'false' }, '{}');
  return {
    fields: [labeled('Arguments, as JSON', undefined, area, false)],
    read: () => {
      const value: unknown = JSON.parse(area.value);
      if (isJson(value)) return value;
      throw new SyntaxError('The arguments must be a JSON object.');
    },
  };
}

function fieldFor(name: string, property: Json, isRequired: boolean, id: string): Field {
  const description = textOf(property, 'description');
  const initial = property['default'];
  // No control has a name: it would take the place of a property of the form, such as `append`.
  const attributes = { id, required: isRequired, autocomplete: 'off' };
  const choices = choicesOf(property, isRequired);
  if (choices) {
    const options = choices.map((choice) =>
      element('option', { value: JSON.stringify(choice), selected: choice === initial }, String(choice)),
    );
    const none = element('option', { value: '' }, isRequired ? 'Choose …' : 'Not set');
    const select = element('select', { id, required: isRequired }, none, ...options);
    return { label: labeled(name, description, select, isRequired), read: () => parsed(select.value) };
  }
  switch (property['type']) {
    case 'string': {
      const input = element('input', {
        ...attributes,
        type: 'text',
        value: typeof initial === 'string' ? initial : undefined,
      });
      return {
        label: labeled(name, description, input, isRequired),
        read: () => input.value || (isRequired ? '' : undefined),
      };
    }
    case 'number':
    case 'integer': {
      const step = property['type'] === 'integer' ? '1' : 'any';
      const bounds = { min: numberText(property['minimum']), max: numberText(property['maximum']) };
      const input = element('input', {
        ...attributes,
        ...bounds,
        type: 'number',
        step,
        value: numberText(initial),
      });
      return { label: labeled(name, description, input, isRequired), read: () => parsed(input.value) };
    }
    case 'boolean': {
      const input = element('input', { id, type: 'checkbox', checked: initial === true });
      return { label: checkbox(name, description, input), read: () => input.checked };
    }
    default: {
      const area = element(
        'textarea',
        { ...attributes, spellcheck: 'false' },
        initial === undefined ? '' : JSON.stringify(initial),
      );
      return {
        label: labeled(`${name}, as JSON`, description, area, isRequired),
        read: () => parsed(area.value),
      };
    }
  }
}

/**
 * Returns the values to choose from, if the schema lists texts or numbers, or if it is a boolean that can be left out:
 * a checkbox cannot.
 */
function choicesOf(property: Json, isRequired: boolean): (string | number | boolean)[] | undefined {
  if (property['type'] === 'boolean' && !isRequired && property['default'] === undefined)
    return [true, false];
  const values = property['enum'];
  if (!Array.isArray(values)) return undefined;
  const plain = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  return plain.length === values.length ? plain : undefined;
}

const parsed = (text: string): unknown => (text.trim() === '' ? undefined : JSON.parse(text));

const numberText = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : undefined;

function labeled(
  name: string,
  description: string | undefined,
  control: HTMLElement,
  isRequired: boolean,
): HTMLElement {
  const title = element('span', {}, name, isRequired ? '' : element('small', {}, ' optional'));
  return element(
    'label',
    {},
    title,
    ...(description === undefined ? [] : [element('small', {}, description)]),
    control,
  );
}

const checkbox = (name: string, description: string | undefined, control: HTMLElement): HTMLElement =>
  element(
    'label',
    { class: 'check' },
    control,
    element('span', {}, name),
    ...(description === undefined ? [] : [element('small', {}, description)]),
  );
