import { Body, Controller, Get, Injectable, Module, NotFoundException, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsInt, IsString } from 'class-validator';

import { ExposeAsTool } from '../../../src/mcp/index.js';

export class CreateCatDto {
  @IsString()
  readonly name!: string;

  @IsInt()
  readonly age!: number;

  @IsString()
  readonly breed!: string;

  /** Written by the compiler plugin of @nestjs/swagger. */
  static _OPENAPI_METADATA_FACTORY(): object {
    return {
      name: { required: true, type: () => String, description: 'The name of a cat' },
      age: { required: true, type: () => Number },
      breed: { required: true, type: () => String },
    };
  }
}

export class Cat {
  name!: string;

  @ApiProperty({ example: 1, description: 'The age of the Cat' })
  age!: number;

  @ApiProperty({ example: 'Maine Coon', description: 'The breed of the Cat' })
  breed!: string;

  /** Written by the compiler plugin of @nestjs/swagger. */
  static _OPENAPI_METADATA_FACTORY(): object {
    return {
      name: { required: true, type: () => String, description: 'The name of the Cat', example: 'Kitty' },
    };
  }
}

@Injectable()
class CatsService {
  readonly #cats: Cat[] = [{ name: 'Kitty', age: 1, breed: 'Maine Coon' }];

  create(cat: CreateCatDto): Cat {
    return cat;
  }

  findOne(index: number): Cat | undefined {
    return this.#cats[index];
  }
}

@ApiBearerAuth()
@ApiTags('cats')
@Controller('cats')
export class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Post()
  @ApiOperation({ summary: 'Create cat' })
  @ApiResponse({ status: 201, description: 'The cat', type: Cat })
  @ApiResponse({ status: 403, description: 'Forbidden.' })
  @ExposeAsTool({ name: 'create_cat', scopes: 'authenticated', annotations: { destructiveHint: false } })
  create(@Body() cat: CreateCatDto): Promise<Cat> {
    return Promise.resolve(this.cats.create(cat));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Find a cat' })
  @ApiResponse({ status: 200, description: 'The found record', type: Cat })
  @ExposeAsTool({ name: 'find_cat', scopes: 'authenticated' })
  findOne(@Param('id') id: string): Cat {
    const cat = this.cats.findOne(Number(id));
    if (!cat) throw new NotFoundException(`There is no cat ${id}.`);
    return cat;
  }
}

/** Application like the sample of @nestjs/swagger. */
@Module({ controllers: [CatsController], providers: [CatsService] })
export class CatsModule {}
