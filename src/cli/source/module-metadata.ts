import type {
  ArrayLiteralExpression,
  ClassDeclaration,
  Expression,
  ObjectLiteralElementLike,
  ObjectLiteralExpression,
} from 'typescript';

import { insert } from './add-import.js';
import { parse, type TypeScript } from './typescript.js';

/** Maximum length of a line with a list, in characters. A longer list gets a line for each element. */
const MAX_LINE = 100;

/** List in the decorator of a module. */
export type ModuleList = 'imports' | 'providers';

/** Class with `@Module()`, and the object that its decorator gets. */
interface ModuleClass {
  readonly name: string | undefined;
  readonly metadata: ObjectLiteralExpression;
}

/** Reads the elements of a list of a module; undefined if the source has no such module, or no such list. */
export function moduleElements(
  ts: TypeScript,
  source: string,
  list: ModuleList,
  className?: string,
): string[] | undefined {
  const module = moduleClass(ts, source, className);
  const property = module && propertyOf(module.metadata, list);
  return property && arrayOf(ts, property)?.elements.map((element) => element.getText());
}

/**
 * Adds an element to a list of a module, unless it is there.
 *
 * @param className class of the module; default the first of the source
 * @returns undefined if there is no such module, or if its list is not written in the decorator
 */
export function addToModule(
  ts: TypeScript,
  source: string,
  list: ModuleList,
  element: string,
  className?: string,
): string | undefined {
  const module = moduleClass(ts, source, className);
  if (!module) return undefined;
  const { metadata } = module;
  const property = propertyOf(metadata, list);
  if (!property) return isComplete(ts, metadata) ? addList(source, metadata, list, element) : undefined;
  const array = arrayOf(ts, property);
  if (!array || array.elements.some((present) => present.getText() === element)) return array && source;
  return addElement(source, array, element);
}

function moduleClass(ts: TypeScript, source: string, className?: string): ModuleClass | undefined {
  const modules = parse(ts, source)
    .statements.filter(ts.isClassDeclaration)
    .flatMap((declaration) => {
      const metadata = moduleDecorator(ts, declaration);
      return metadata ? [{ name: declaration.name?.text, metadata }] : [];
    });
  return className === undefined ? modules[0] : modules.find(({ name }) => name === className);
}

function moduleDecorator(ts: TypeScript, declaration: ClassDeclaration): ObjectLiteralExpression | undefined {
  for (const { expression } of ts.getDecorators(declaration) ?? []) {
    if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Module') continue;
    const [metadata] = expression.arguments;
    if (metadata && ts.isObjectLiteralExpression(metadata)) return metadata;
  }
  return undefined;
}

const propertyOf = (
  { properties }: ObjectLiteralExpression,
  list: ModuleList,
): ObjectLiteralElementLike | undefined =>
  properties.find((property) => property.name?.getText().replaceAll(/["']/g, '') === list);

/** Whether the object shows all of its properties: `...shared` could hold the list too, and would be replaced. */
const isComplete = (ts: TypeScript, { properties }: ObjectLiteralExpression): boolean =>
  !properties.some((property) => ts.isSpreadAssignment(property));

/** Returns the array literal that a property or an expression is; undefined for a variable and the like. */
function arrayOf(
  ts: TypeScript,
  value: ObjectLiteralElementLike | Expression,
): ArrayLiteralExpression | undefined {
  if (ts.isPropertyAssignment(value)) return arrayOf(ts, value.initializer);
  if (ts.isArrayLiteralExpression(value)) return value;
  return ts.isAsExpression(value) || ts.isSatisfiesExpression(value) || ts.isParenthesizedExpression(value)
    ? arrayOf(ts, value.expression)
    : undefined;
}

function addElement(source: string, array: ArrayLiteralExpression, element: string): string {
  const last = array.elements.at(-1);
  if (!last) return insert(source, array.getStart() + 1, element);
  const added = insert(source, last.getEnd(), `,${spaceBefore(source, last.getStart())}${element}`);
  const lineStart = source.lastIndexOf('\n', array.getStart()) + 1;
  const [line = ''] = added.slice(lineStart).split(/\r?\n/, 1);
  if (line.length <= MAX_LINE || /\n|\/\*/.test(array.getText())) return added;
  const end = source.includes('\r\n') ? '\r\n' : '\n';
  const [indent = ''] = /^[ \t]*/.exec(line) ?? [];
  const elements = [...array.elements.map((present) => present.getText()), element];
  const lines = elements.map((text) => `${indent}  ${text},${end}`).join('');
  return `${source.slice(0, array.getStart())}[${end}${lines}${indent}]${source.slice(array.getEnd())}`;
}

function addList(
  source: string,
  metadata: ObjectLiteralExpression,
  list: ModuleList,
  element: string,
): string {
  const [first] = metadata.properties;
  const text = `${list}: [${element}]`;
  if (!first) return insert(source, metadata.getStart() + 1, ` ${text} `);
  const last = metadata.properties.at(-1) ?? first;
  // NestJS writes the imports first and the providers last.
  return list === 'imports'
    ? insert(source, first.getStart(), `${text},${spaceBefore(source, first.getStart())}`)
    : insert(source, last.getEnd(), `,${spaceBefore(source, last.getStart())}${text}`);
}

/** Returns the line break and indentation before a place, or one space. */
function spaceBefore(source: string, place: number): string {
  const [, space] = /(\r?\n[ \t]*)$/.exec(source.slice(0, place)) ?? [];
  return space ?? ' ';
}
