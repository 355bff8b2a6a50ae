import { type OperationNode, RawNode } from 'kysely';

/** Nodes without a function, raw SQL, or text of their own. Operators come from Kysely's list. */
const PLAIN: ReadonlySet<string> = new Set<OperationNode['kind']>([
  'AliasNode',
  'AndNode',
  'BinaryOperationNode',
  'ColumnNode',
  'FromNode',
  'IdentifierNode',
  'JoinNode',
  'LimitNode',
  'OffsetNode',
  'OnNode',
  'OperatorNode',
  'OrNode',
  'OrderByItemNode',
  'OrderByNode',
  'ParensNode',
  'PrimitiveValueListNode',
  'ReferenceNode',
  'SchemableIdentifierNode',
  'SelectAllNode',
  'SelectQueryNode',
  'SelectionNode',
  'TableNode',
  'TupleNode',
  'ValueListNode',
  'ValueNode',
  'WhereNode',
]);

/**
 * Whether a query only reads columns of tables and views, and calls no function itself. Only functions could leave something in
 * the session while the transaction is read-only, such as a setting or an advisory lock.
 */
export function isPlainQuery(node: OperationNode): boolean {
  if (isDirection(node)) return true;
  if (!PLAIN.has(node.kind)) return false;
  if ('immediate' in node && 'value' in node) return typeof node.value !== 'string';
  // Values are bound, so their content does not matter.
  if (node.kind === 'ValueNode' || node.kind === 'PrimitiveValueListNode') return true;
  return Object.values(node).every(isPlainPart);
}

function isPlainPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return true;
  if (Array.isArray(part)) return part.every(isPlainPart);
  return isNode(part) && isPlainQuery(part);
}

/** Whether a node is the direction of an order, which Kysely keeps as raw SQL. */
const isDirection = (node: OperationNode): boolean =>
  RawNode.is(node) && /^(asc|desc)$/.test(node.sqlFragments.join('?'));

const isNode = (part: object): part is OperationNode => 'kind' in part;
