/** Thrown at startup with every problem found in the declared tools, resources and prompts. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';

  constructor(readonly problems: readonly string[]) {
    super(
      [
        `Aerie cannot start: ${problems.length} problem${problems.length === 1 ? '' : 's'} in the declarations.`,
        ...problems.map((problem) => `  ${problem}`),
      ].join('\n'),
    );
  }
}
