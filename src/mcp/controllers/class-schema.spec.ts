import 'reflect-metadata';

import { Type } from 'class-transformer';
import { Allow, IsArray, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';

import { ApiProperty } from '../../../test/support/dto/api-property.js';
import { documentedSchema, requestClassSchema } from './class-schema.js';

class Tag {
  @ApiProperty({ description: 'Text of the tag.' })
  text!: string;
}

class Article {
  @ApiProperty({ type: () => [Tag], required: false })
  tags!: Tag[];

  @ApiProperty({ type: 'array', items: { type: 'integer' }, maxItems: 3 })
  counts!: number[];

  @ApiProperty({ enum: ['a', 'b'], example: 'a' })
  kind!: string;

  @ApiProperty({ nullable: true })
  written!: Date;

  @ApiProperty({ type: BigInt, required: false })
  size!: bigint;
}

class Node {
  @ApiProperty({ type: () => Node, required: false })
  next?: Node;

  @ApiProperty({})
  value!: number;
}

class Mixed {
  @IsInt()
  count!: number;

  @ApiProperty({ required: false })
  documented!: string;

  @Allow()
  @ApiProperty({ required: false })
  kept!: string;
}

class Tree {
  @IsString()
  name!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => Tree)
  parent?: Tree;
}

class Line {
  @IsString()
  article!: string;

  @ApiProperty({ type: () => Tag, description: 'Tag of the line.' })
  tag!: object;
}

class Basket {
  @ApiProperty({ type: () => Line })
  documented!: object;

  @IsObject()
  @ApiProperty({ type: () => Line })
  object!: object;

  @IsArray()
  @IsOptional()
  @ApiProperty({ type: () => [Line], required: false })
  list?: object[];

  @ValidateNested()
  @Type(() => Line)
  validated!: Line;

  @ApiProperty({ type: () => Bare })
  bare!: object;
}

class Branch {
  @IsString()
  name!: string;

  @ApiProperty({ type: () => [Branch], required: false })
  branches?: object[];
}

class Bare {
  text!: string;
}

describe('the schema of a class', () => {
  it('comes from @ApiProperty()', () => {
    expect(documentedSchema(Article)).toEqual({
      schema: {
        type: 'object',
        properties: {
          tags: {
            type: 'array',
            items: {
              type: 'object',
              properties: { text: { type: 'string', description: 'Text of the tag.' } },
              required: ['text'],
            },
          },
          counts: { type: 'array', items: { type: 'integer' }, maxItems: 3 },
          kind: { type: 'string', enum: ['a', 'b'], examples: ['a'] },
          written: { type: ['string', 'null'], format: 'date-time' },
          size: { type: ['integer', 'string'], pattern: '^-?\\d+$' },
        },
        required: ['counts', 'kind', 'written'],
      },
      definitions: {},
    });
  });

  it('refers to a definition of a class within itself', () => {
    const reference = { $ref: '#/$defs/Node' };
    const node = {
      type: 'object',
      properties: { next: reference, value: { type: 'number' } },
      required: ['value'],
    };
    expect(documentedSchema(Node)).toEqual({ schema: node, definitions: { Node: node } });
  });

  it('adds documented members to those with rules', () => {
    const { schema } = requestClassSchema(Mixed);
    expect(schema).toEqual({
      type: 'object',
      properties: {
        count: { type: 'integer' },
        documented: { type: 'string' },
        kept: { type: 'string' },
      },
      required: ['count'],
    });
  });

  it('describes nested members, whether rules or @ApiProperty() name them', () => {
    const tag = {
      type: 'object',
      properties: { text: { type: 'string', description: 'Text of the tag.' } },
      required: ['text'],
      description: 'Tag of the line.',
    };
    const line = {
      type: 'object',
      properties: { article: { type: 'string' }, tag },
      required: ['article', 'tag'],
    };
    const { schema, definitions } = requestClassSchema(Basket);
    expect(definitions).toEqual({});
    expect(schema['properties']).toEqual({
      documented: line,
      object: line,
      list: { type: 'array', items: line },
      validated: line,
      bare: { type: 'object' },
    });
    expect(schema['required']).toEqual(['object', 'validated', 'documented', 'bare']);
  });

  it('refers to a definition of a class within itself that only @ApiProperty() names', () => {
    const branch = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        branches: { type: 'array', items: { $ref: '#/$defs/Branch' } },
      },
      required: ['name'],
    };
    expect(requestClassSchema(Branch)).toEqual({ schema: branch, definitions: { Branch: branch } });
  });

  it('does not refer to the root, because its members move into another one', () => {
    const tree = {
      type: 'object',
      properties: { name: { type: 'string' }, parent: { $ref: '#/$defs/Tree' } },
      required: ['name'],
    };
    expect(requestClassSchema(Tree)).toEqual({ schema: tree, definitions: { Tree: tree } });
  });

  it('cannot be derived without decorators', () => {
    expect(() => requestClassSchema(Bare)).toThrow(
      'Bare has no decorators of class-validator or @nestjs/swagger',
    );
  });
});
