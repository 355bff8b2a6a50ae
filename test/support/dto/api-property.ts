/** Writes the same metadata as `@ApiProperty()` of @nestjs/swagger. */
export const ApiProperty =
  (options: object): PropertyDecorator =>
  (prototype, name) => {
    const listed: string[] = Reflect.getMetadata('swagger/apiModelPropertiesArray', prototype) ?? [];
    Reflect.defineMetadata('swagger/apiModelPropertiesArray', [...listed, `:${String(name)}`], prototype);
    const type: unknown = Reflect.getMetadata('design:type', prototype, name);
    Reflect.defineMetadata('swagger/apiModelProperties', { type, ...options }, prototype, name);
  };
