/** Everything that is wrong with the declared tools, resources and prompts, reported at once. Stops the start. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';

  constructor(readonly problems: readonly string[]) {
    super(
      [
        `Aerie cannot start: ${problems.length} problem${problems.length === 1 ? '' : 's'} with what it offers.`,
        ...problems.map((problem) => `  ${problem}`),
      ].join('\n'),
    );
  }
}
