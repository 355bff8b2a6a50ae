import { isRecord } from '../../values/is-record.js';
import { type JsonSchema, typesOf } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import type { DerivedDto } from './dto-schema.js';
import { resolved } from './references.js';

/** Input whose lists are not much longer than their schema allows. */
interface ShortInput {
  readonly value: unknown;
  /** Paths of the lists that were cut. */
  readonly cut: readonly Path[];
}

type Path = readonly string[];

type Derived = Pick<DerivedDto, 'schema' | 'discriminators'>;

/** Returns a value with shorter lists, and adds the paths of those lists. */
type Shorten = (value: unknown, path: Path, cut: Path[]) => unknown;

/**
 * Compiles a function that cuts lists after the first element that is too many. class-transformer and class-validator
 * would handle every element of a long list before they refuse its length, and serve nobody else for seconds. Objects
 * are copied, because class-transformer removes discriminators from its input.
 *
 * @param derived schema of a class
 */
export function compileShortening({ schema: root, discriminators }: Derived): (input: unknown) => ShortInput {
  const known = new Map<JsonSchema, Shorten | undefined>();
  const compile = (schema: unknown): Shorten | undefined => {
    const node = resolved(schema, root);
    // A recursive class is looked up when the function runs.
    if (known.has(node)) return (value, path, cut) => known.get(node)?.(value, path, cut) ?? value;
    known.set(node, undefined);
    const shorten = Array.isArray(node['anyOf'])
      ? ofAlternatives(node['anyOf'], { schema: root, discriminators }, compile)
      : typesOf(node).includes('array')
        ? ofList(node, compile)
        : ofObject(node, compile);
    known.set(node, shorten);
    return shorten;
  };
  const shorten = compile(root);
  return (input) => {
    const cut: Path[] = [];
    return { value: shorten ? shorten(input, [], cut) : input, cut };
  };
}

const memberOf = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

type Compile = (schema: unknown) => Shorten | undefined;

/** Applies the alternative that the value has. A value without one is refused by its type. */
function ofAlternatives(
  schemas: readonly unknown[],
  { schema: root, discriminators }: Derived,
  compile: Compile,
): Shorten | undefined {
  const alternatives = schemas.flatMap((schema) => {
    const shorten = compile(schema);
    if (!shorten) return [];
    const { properties } = resolved(schema, root);
    const tags = Object.entries(recordIn(properties)).filter(([, member]) => discriminators.has(member));
    return [{ shorten, tags: tags.map(([name, member]) => [name, memberOf(member, 'const')] as const) }];
  });
  if (alternatives.length === 0) return undefined;
  return (value, path, cut) => {
    const own = alternatives.find(({ tags }) => tags.every(([name, tag]) => memberOf(value, name) === tag));
    return own ? own.shorten(value, path, cut) : value;
  };
}

function ofList({ items, maxItems }: JsonSchema, compile: Compile): Shorten | undefined {
  const shortenElement = compile(items);
  const limit = typeof maxItems === 'number' ? maxItems : Infinity;
  if (!shortenElement && limit === Infinity) return undefined;
  return (value, path, cut) => {
    if (!Array.isArray(value)) return value;
    const isLong = value.length > limit;
    if (isLong) cut.push(path);
    const elements: unknown[] = isLong ? value.slice(0, limit + 1) : value;
    return shortenElement
      ? elements.map((element, index) => shortenElement(element, [...path, String(index)], cut))
      : elements;
  };
}

function ofObject({ properties }: JsonSchema, compile: Compile): Shorten | undefined {
  if (!isRecord(properties)) return undefined;
  const members = new Map(Object.entries(properties).map(([name, member]) => [name, compile(member)]));
  return (value, path, cut) =>
    isRecord(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, member]) => [
            name,
            members.get(name)?.(member, [...path, name], cut) ?? member,
          ]),
        )
      : value;
}
