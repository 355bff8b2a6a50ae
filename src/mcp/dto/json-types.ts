import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { listIn } from '../../values/list-in.js';
import type { DerivedDto } from './dto-schema.js';
import { resolved } from './references.js';

type Path = readonly string[];

/** Maximum number of problems of input that is validated further. The check ends at one more. */
const MAX_PROBLEMS = 20;

/**
 * Maximum number of objects of nested classes in an input. class-validator handles each member that the class declares,
 * also for `{}`: a request of 1 MB with 300,000 of them would keep the event loop busy for many seconds.
 */
const MAX_OBJECTS = 10_000;

/** Input without the members that have another JSON type than their schema. */
interface TypedInput {
  readonly value: unknown;
  /** One for each value of the wrong type. */
  readonly issues: readonly StandardSchemaV1.Issue[];
  /** One for each required member that is missing. Validators may describe the same problems. */
  readonly missing: readonly StandardSchemaV1.Issue[];
  /** Paths of the removed members. */
  readonly removed: readonly Path[];
  /** Whether the input has so many problems that it is not validated further, and not even checked to its end. */
  readonly isHopeless: boolean;
}

/** Schema, prepared for the values of many calls. */
interface Node {
  /** Types that the schema admits; undefined if it admits all. */
  readonly types?: ReadonlySet<unknown> | undefined;
  readonly anyOf?: readonly Node[];
  readonly items?: Node | undefined;
  readonly properties?: ReadonlyMap<string, Node>;
  /** Properties that must be present. Transformations may compute others. */
  readonly required?: readonly string[];
  /** Properties that are renamed, so that the input has other names for them. */
  readonly renamed?: ReadonlySet<string>;
  /** Value by which class-transformer recognizes a subtype. */
  readonly discriminator?: unknown;
  /** Whether other members than these are refused. */
  readonly isClosed?: boolean;
}

/**
 * Returns a function that removes members whose JSON type differs from their schema. class-transformer would give some of
 * them another meaning (`@Type(() => Boolean)` makes `"false"` true). class-validator knows no type that only TypeScript
 * states, and accepts one value in place of a list (`{ each: true }`), a list in place of an object
 * (`@ValidateNested()`), and an object that is no declared subtype. It also accepts a missing member with no other
 * decorator than `@ValidateNested()`. Transformations, validators and handlers of the application may rely on these types.
 *
 * @param ignoresNull whether validators decide about members that are null
 */
export function compileTypeCheck(derived: DerivedDto, ignoresNull = true): (input: unknown) => TypedInput {
  const root = compile(derived.schema, derived, new Map());
  return (input) => {
    const check = new TypeCheck(ignoresNull);
    const value = check.visit(root, input);
    const { issues, missing, removed, isHopeless } = check;
    return { value, issues, missing, removed, isHopeless };
  };
}

/** Whether an issue is about a removed member. */
export const isRemoved = (removed: readonly Path[], path: StandardSchemaV1.Issue['path'] = []): boolean =>
  removed.some((names) => names.every((name, index) => path[index] === name));

/** Stands for a value of the wrong type. */
const WRONG = Symbol('WRONG');

/** Check of one input. */
class TypeCheck {
  readonly issues: StandardSchemaV1.Issue[] = [];
  readonly missing: StandardSchemaV1.Issue[] = [];
  readonly removed: Path[] = [];
  readonly #path: string[] = [];
  #objects = -1; // the input itself does not count

  constructor(private readonly ignoresNull: boolean) {}

  get isHopeless(): boolean {
    return this.#objects > MAX_OBJECTS || this.issues.length + this.missing.length > MAX_PROBLEMS;
  }

  /** Returns a value without what it removes, or {@link WRONG}. */
  visit(node: Node | undefined, value: unknown): unknown {
    if (!node) return value;
    const { types, anyOf, items, properties } = node;
    if (types?.has(typeOf(value)) === false) return this.#refuse(mismatch(types, value));
    if (anyOf) {
      const own = anyOf.find((branch) => fits(branch, value));
      return own ? this.visit(own, value) : this.#refuse('is of no declared type');
    }
    if (Array.isArray(value)) return items ? this.#elements(items, value) : value;
    return properties && isRecord(value) ? this.#members(node, properties, value) : value;
  }

  #elements(items: Node, list: readonly unknown[]): unknown {
    const checked: unknown[] = [];
    for (let index = 0; index < list.length && !this.isHopeless; index++) {
      checked.push(this.#at(String(index), items, list[index]));
    }
    if (checked.includes(WRONG)) return WRONG;
    return checked.every((element, index) => element === list[index]) ? list : checked;
  }

  #members(node: Node, properties: ReadonlyMap<string, Node>, value: Record<string, unknown>): unknown {
    if (++this.#objects > MAX_OBJECTS) {
      this.issues.push({ message: `has too many objects. Send at most ${MAX_OBJECTS} in a call.` });
      return value;
    }
    for (const name of node.required ?? []) {
      if (value[name] === undefined)
        this.missing.push({ path: [...this.#path, name], message: 'is missing' });
    }
    let kept = value;
    for (const name of Object.keys(value)) {
      if (this.isHopeless) break;
      const member = value[name];
      const known = properties.get(name);
      const checked = known ? this.#member(name, known, member) : this.#unknown(name, node, member);
      if (checked === member) continue;
      if (kept === value) kept = { ...value };
      if (checked === WRONG) delete kept[name];
      else kept[name] = checked;
    }
    return kept;
  }

  #member(name: string, node: Node, value: unknown): unknown {
    if (value === undefined || (value === null && this.ignoresNull)) return value;
    const checked = this.#at(name, node, value);
    if (checked === WRONG) this.removed.push([...this.#path, name]);
    return checked;
  }

  /** Removes a renamed member with the name of its property, by which class-transformer takes it too. */
  #unknown(name: string, { isClosed, renamed }: Node, value: unknown): unknown {
    if (renamed?.has(name) !== true) return value;
    if (isClosed) this.issues.push({ path: [...this.#path, name], message: 'is unknown. Remove it.' });
    return WRONG;
  }

  #at(name: string, node: Node, value: unknown): unknown {
    this.#path.push(name);
    const checked = this.visit(node, value);
    this.#path.pop();
    return checked;
  }

  #refuse(message: string): typeof WRONG {
    this.issues.push({ path: [...this.#path], message });
    return WRONG;
  }
}

const NAMES = new Map<unknown, string>([
  ['string', 'a string'],
  ['number', 'a number'],
  ['boolean', 'a boolean'],
  ['object', 'an object'],
  ['array', 'a list'],
  ['null', 'null'],
]);

function mismatch(types: ReadonlySet<unknown>, value: unknown): string {
  const [actual, ...wanted] = [typeOf(value), ...types].map((type) => NAMES.get(type));
  return `must be ${wanted.join(' or ')}, not ${actual}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a value has the type of an alternative, and the discriminator if that is a subtype. */
function fits({ types, properties }: Node, value: unknown): boolean {
  if (types?.has(typeOf(value)) === false) return false;
  if (!properties || !isRecord(value)) return true;
  return [...properties].every(
    ([name, { discriminator }]) => discriminator === undefined || discriminator === value[name],
  );
}

/** @param known prepared schemas, so that a class may contain itself */
function compile(schema: unknown, derived: DerivedDto, known: Map<unknown, Node>): Node | undefined {
  const earlier = known.get(schema);
  if (earlier) return earlier;
  if (!isRecord(schema) || derived.unchecked.has(schema)) return undefined;
  const node: { -readonly [Member in keyof Node]: Node[Member] } = {};
  known.set(schema, node);
  const { anyOf, items, properties, required, const: constant, ...own } = followed(schema, derived.schema);
  const compiled = (part: unknown): Node | undefined => compile(part, derived, known);
  if (Array.isArray(anyOf)) node.anyOf = anyOf.map((branch) => compiled(branch) ?? {});
  node.items = compiled(items);
  if (isRecord(properties)) {
    node.properties = new Map(
      Object.entries(properties).map(([name, member]) => [name, compiled(member) ?? {}]),
    );
    const names = Object.values(properties).flatMap((member) => derived.propertyNames.get(member) ?? []);
    node.renamed = new Set(names);
    node.required = listIn(required)
      .map(String)
      .filter((name) => !derived.unchecked.has(properties[name]));
  }
  if (derived.discriminators.has(schema)) node.discriminator = constant;
  node.isClosed = own['additionalProperties'] === false;
  node.types = typesOf(own, constant) ?? commonTypes(node.anyOf);
  return node;
}

/** Returns the types of the values that a schema names. */
function typesOf({ type, enum: values }: JsonSchema, constant: unknown): ReadonlySet<unknown> | undefined {
  if (type !== undefined) {
    return new Set([type].flat().map((name) => (name === 'integer' ? 'number' : name)));
  }
  const named = constant === undefined ? values : [constant];
  return Array.isArray(named) ? new Set(named.map(typeOf)) : undefined;
}

/** Returns the types of all alternatives; undefined if one admits every type. */
function commonTypes(alternatives: readonly Node[] = []): ReadonlySet<unknown> | undefined {
  const types = alternatives.map((alternative) => [...(alternative.types ?? [])]);
  return types.length === 0 || types.some(({ length }) => length === 0) ? undefined : new Set(types.flat());
}

/** Adds what a reference within the document refers to. */
function followed(node: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref: reference, ...own } = node;
  if (reference === undefined) return node;
  const { properties, ...rest } = resolved(node, root);
  return { ...rest, ...own, properties: { ...Object(properties), ...Object(own['properties']) } };
}
