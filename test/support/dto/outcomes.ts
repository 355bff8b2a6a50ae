import type { DtoOptions } from '../../../src/mcp/dto/dto-options.js';
import { fromDto } from '../../../src/mcp/dto/from-dto.js';

/** Validates an input of a class, and returns each problem with its path. */
export async function outcomeOf<Dto extends object>(
  type: new () => Dto,
  input: unknown,
  options?: DtoOptions,
): Promise<{ readonly value?: Dto; readonly problems?: readonly string[] }> {
  const outcome = await fromDto(type, options)['~standard'].validate(input);
  if (!outcome.issues) return { value: outcome.value };
  return {
    problems: outcome.issues.map(({ path, message }) => {
      const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return where === undefined ? message : `${where}: ${message}`;
    }),
  };
}
