/** Whether a class declares a member as a method. While decorators of the member run, the class still has it as declared. */
export const declaresMethod = (target: object, name: PropertyKey): boolean =>
  typeof Object.getOwnPropertyDescriptor(target, name)?.value === 'function';

/** Describes a decorator that is lost because another one, such as `@autobind`, replaces its method with a getter. */
export const replacedWithGetter = (method: string, decorator: string): string =>
  `${method}: another decorator replaces the method with a getter, so ${decorator} has no effect. Remove the other decorator.`;
