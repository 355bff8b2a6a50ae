/** Freezes a tree of plain objects and arrays in place and returns it. */
export function deepFreeze<Tree>(tree: Tree): Tree {
  if (typeof tree === 'object' && tree !== null && !Object.isFrozen(tree)) {
    Object.freeze(tree);
    Object.values(tree).forEach(deepFreeze);
  }
  return tree;
}
