import { ValidateIf } from 'class-validator';

/** Counts how often class-validator validates a member that {@link counted} marks. */
export class CountedValidations {
  count = 0;

  /** Marks the member. */
  readonly counted = (): PropertyDecorator =>
    ValidateIf(() => {
      this.count++;
      return true;
    });
}
