import { Type } from 'class-transformer';
import { IsArray, IsInt, IsString, ValidateNested } from 'class-validator';

import { Drawing } from '../../../test/support/dto/dtos.js';
import { propertiesOf, schemaOf } from '../../../test/support/dto/schemas.js';

describe('the schema of nested classes', () => {
  it('refers to a class that contains itself', () => {
    class Folder {
      @IsString()
      name!: string;

      @IsArray()
      @ValidateNested({ each: true })
      @Type(() => Folder)
      folders!: Folder[];
    }
    class Disk {
      @ValidateNested()
      @Type(() => Folder)
      root!: Folder;
    }
    expect(propertiesOf(Folder)).toMatchObject({ folders: { items: { $ref: '#' } } });
    expect(schemaOf(Disk)).toMatchObject({
      properties: { root: { $ref: '#/$defs/Folder' } },
      $defs: { Folder: { properties: { folders: { items: { $ref: '#/$defs/Folder' } } } } },
    });
  });

  it('keeps classes of the same name apart', () => {
    const named = (name: string, inner: new () => object): new () => object => {
      class Dto {
        @ValidateNested()
        @Type(() => inner)
        inner!: object;
      }
      Object.defineProperty(Dto, 'name', { value: name });
      return Dto;
    };
    const first = class Address {
      street!: string;
    };
    const second = class Address {
      box!: number;
    };
    IsString()(first.prototype, 'street');
    IsInt()(second.prototype, 'box');
    expect(propertiesOf(named('A', first))).toMatchObject({ inner: { required: ['street'] } });
    expect(propertiesOf(named('B', second))).toMatchObject({ inner: { required: ['box'] } });
  });

  it('lists the subtypes of a discriminator', () => {
    expect(propertiesOf(Drawing)).toMatchObject({
      shape: {
        anyOf: [
          { properties: { kind: { const: 'circle' } }, required: ['kind', 'radius', 'color'] },
          { properties: { kind: { const: 'square' } }, required: ['kind', 'side', 'color'] },
        ],
      },
    });
  });

  it('has the discriminator of a subtype once, and within the definition of a recursive one', () => {
    class Node {
      @IsString()
      kind!: string;
    }
    class Leaf extends Node {}
    class Group extends Node {
      @ValidateNested({ each: true })
      @Type(() => Node, {
        keepDiscriminatorProperty: true,
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: Group, name: 'group' },
            { value: Leaf, name: 'leaf' },
          ],
        },
      })
      nodes!: Node[];
    }
    const group = { $ref: '#/$defs/Group' };
    const nodes = {
      type: 'array',
      items: {
        anyOf: [
          group,
          {
            type: 'object',
            properties: { kind: { const: 'leaf' } },
            required: ['kind'],
            additionalProperties: false,
          },
        ],
      },
    };
    expect(schemaOf(Group, { forbidNonWhitelisted: true })).toEqual({
      type: 'object',
      properties: { kind: { type: 'string' }, nodes },
      required: expect.arrayContaining(['kind', 'nodes']),
      additionalProperties: false,
      $defs: {
        Group: {
          type: 'object',
          properties: { kind: { const: 'group' }, nodes },
          required: ['kind', 'nodes'],
          additionalProperties: false,
        },
      },
    });
  });

  it('names each recursive class differently', () => {
    const recursive = (name: string): new () => object => {
      class Dto {
        inner!: Dto;
      }
      Object.defineProperty(Dto, 'name', { value: name });
      Reflect.defineMetadata('design:type', Dto, Dto.prototype, 'inner');
      ValidateNested()(Dto.prototype, 'inner');
      Type(() => Dto)(Dto.prototype, 'inner');
      return Dto;
    };
    class Root {
      member0!: object;
    }
    const names = ['Node2', 'Node', 'Node'];
    for (const [index, name] of names.entries()) {
      const inner = recursive(name);
      ValidateNested()(Root.prototype, `member${index}`);
      Type(() => inner)(Root.prototype, `member${index}`);
    }
    const recursiveMember = (name: string): object => ({
      type: 'object',
      properties: { inner: { $ref: `#/$defs/${name}` } },
      required: ['inner'],
    });
    expect(schemaOf(Root)).toMatchObject({
      properties: {
        member0: { $ref: '#/$defs/Node2' },
        member1: { $ref: '#/$defs/Node' },
        member2: { $ref: '#/$defs/Node3' },
      },
      $defs: {
        Node2: recursiveMember('Node2'),
        Node: recursiveMember('Node'),
        Node3: recursiveMember('Node3'),
      },
    });
  });
});
