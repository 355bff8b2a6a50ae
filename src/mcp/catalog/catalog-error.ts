/** Everything that is wrong with the declared tools, reported at once. Stops the start. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';

  constructor(readonly problems: readonly string[]) {
    super(
      [
        `Aerie cannot start: ${problems.length} problem${problems.length === 1 ? '' : 's'} with its tools.`,
        ...problems.map((problem) => `  ${problem}`),
      ].join('\n'),
    );
  }
}
