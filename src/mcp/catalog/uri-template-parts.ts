/** Characters that a simple variable cannot contain: they separate segments, query, fragment and listed variables. */
const SEPARATORS = '/?#,';

const VARIABLE_NAME = /^\w(?:[\w.]|%[\da-f]{2})*$/i;
const BALANCED = /^(?:[^{}]|\{[^{}]+\})*$/;
const EXPRESSION = /^\{([+#./?&]?)([^{}]*)\}$/;
/** Literal query item: `name={variable}`, `name=value` or `name`. */
const QUERY_ITEM = /^([^={}]+)(?:=(?:\{([^{}]+)\}|([^{}]*)))?$/;

/** Text that the URI must contain. */
interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

/** Variable in the path. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  /** Characters that end the value. */
  readonly excluded: string;
  /** Whether the value may contain slashes and `..`, as in `{+name}`. */
  readonly isReserved: boolean;
}

/** Marks the parts from here to `end` as optional. */
interface Optional {
  readonly kind: 'optional';
  readonly end: number;
}

export type Part = Literal | Variable | Optional;

/** Query parameter: a variable, which may be optional, or a fixed value. */
export type Parameter =
  { readonly variable: string; readonly isOptional: boolean } | { readonly value: string };

/** Fragment after `#`: one optional variable or a fixed text. */
export type Fragment = { readonly variable: string } | { readonly text: string };

/** Parsed template (RFC 6570, up to level 3, without `{;…}`). */
export interface TemplateParts {
  readonly path: readonly Part[];
  /** Query parameters by name; undefined if the template has no query. */
  readonly query: ReadonlyMap<string, Parameter> | undefined;
  readonly fragment: Fragment | undefined;
  readonly variables: readonly string[];
}

/**
 * Parses a template.
 *
 * @throws {TypeError} when the template is invalid, or its variables cannot be extracted from a URI
 */
export function partsOf(template: string): TemplateParts {
  const variables: string[] = [];
  const declare = (name: string): string => {
    if (!VARIABLE_NAME.test(name)) throw new TypeError(explainName(name));
    if (variables.includes(name)) throw new TypeError(`it has the variable ${name} twice`);
    variables.push(name);
    return name;
  };
  const pathStyle = /\{;([^{}]*)\}/.exec(template);
  if (pathStyle) {
    throw new TypeError(`it has the unsupported operator ${pathStyle[0]}: write {?${pathStyle[1]}}`);
  }
  if (!BALANCED.test(template)) throw new TypeError('its braces do not match or are empty');
  const [, beforeFragment = '', fragment] = /^((?:\{[^#}][^}]*\}|[^{#])*)(.*)$/s.exec(template) ?? [];
  const [, path = '', query] = /^((?:\{[^?&}][^}]*\}|[^{?])*)(.*)$/s.exec(beforeFragment) ?? [];
  return {
    path: pathOf(path, declare),
    query: query ? queryOf(query, declare) : undefined,
    fragment: fragment ? fragmentOf(fragment, declare) : undefined,
    variables,
  };
}

type Declare = (name: string) => string;

function pathOf(source: string, declare: Declare): Part[] {
  const parts: Part[] = [];
  for (const token of source.match(/\{[^{}]*\}|[^{}]+/g) ?? []) {
    const [, operator, list = ''] = EXPRESSION.exec(token) ?? [];
    if (operator === undefined) parts.push({ kind: 'literal', text: token });
    else addExpression(parts, operator, list.split(',').map(declare));
  }
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'variable' && parts[index + 1]?.kind === 'variable') {
      throw new TypeError('it has two variables with nothing between them');
    }
  }
  return parts;
}

function addExpression(parts: Part[], operator: string, names: readonly string[]): void {
  const variable = (name: string, excluded: string): Variable => ({
    kind: 'variable',
    name,
    excluded: operator === '+' ? '' : excluded,
    isReserved: operator === '+',
  });
  switch (operator) {
    case '.':
    case '/': {
      // Only trailing variables may be missing.
      const end = parts.length + 3 * names.length;
      const excluded = operator === '.' ? `${SEPARATORS}.` : SEPARATORS;
      for (const name of names) {
        parts.push({ kind: 'optional', end }, { kind: 'literal', text: operator }, variable(name, excluded));
      }
      return;
    }
    default:
      for (const [index, name] of names.entries()) {
        if (index > 0) parts.push({ kind: 'literal', text: ',' });
        parts.push(variable(name, SEPARATORS));
      }
  }
}

function queryOf(source: string, declare: Declare): ReadonlyMap<string, Parameter> {
  if (!/^(?:\?|\{\?)/.test(source)) throw new TypeError('its {&…} follows no query: write {?…}');
  const [, behind] = /\{[?&][^{}]*\}([^&{].*)/s.exec(source) ?? [];
  if (behind !== undefined)
    throw new TypeError(`its query continues with "${behind}": only & or # may follow`);
  const parameters = new Map<string, Parameter>();
  const add = (name: string, parameter: Parameter): void => {
    if (parameters.has(name)) throw new TypeError(`its query has ${name} twice`);
    parameters.set(name, parameter);
  };
  const written = source.replace(/\{[?&]([^{}]*)\}/g, (_expression, list: string) => {
    for (const name of list.split(',')) add(name, { variable: declare(name), isOptional: true });
    return '&';
  });
  for (const item of written.replace(/^\?/, '').split('&')) {
    if (item === '') continue;
    const [, name, variable, value = ''] = QUERY_ITEM.exec(item) ?? [];
    if (name === undefined) throw new TypeError(`its query has "${item}": write {?name} or name={name}`);
    add(name, variable === undefined ? { value } : { variable: declare(variable), isOptional: false });
  }
  return parameters;
}

function fragmentOf(source: string, declare: Declare): Fragment {
  const [, operator, name = ''] = EXPRESSION.exec(source) ?? [];
  if (operator === '#') return { variable: declare(name) };
  if (/[{}]/.test(source)) throw new TypeError('its fragment must be the last part: {#name} or a fixed text');
  return { text: source.slice(1) };
}

function explainName(name: string): string {
  return /[*:]/.test(name)
    ? `it has an unsupported modifier in {${name}}: write {+name} for a path with several segments`
    : `it has the invalid variable name "${name}": use letters, digits, _ and .`;
}
