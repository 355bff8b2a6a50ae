import { Logger } from '@nestjs/common';

import { catalogProblems } from './support/catalog-problems.js';
import { ExposedProvider, RefusedController } from './support/shop/refused.controllers.js';

describe('methods of controllers that cannot be tools', () => {
  it('stop the start, each with the parameter and a remedy', async () => {
    Logger.overrideLogger(false);
    const problems = await catalogProblems({
      controllers: [RefusedController],
      providers: [ExposedProvider],
    });
    expect(problems).toMatchInlineSnapshot(`
      [
        "RefusedController.untypedBody: its parameter 1, @Body(), cannot be derived: its type says nothing. Use a class, { schema }, or @ApiBody({ type }).",
        "RefusedController.bareClass: its parameter 1, @Body(), cannot be derived: Bare has no decorators of class-validator or @nestjs/swagger. Decorate each of its members.",
        "RefusedController.untypedMember: its parameter 1, @Body('text'), cannot be derived: its type says nothing. Use a class, or add a pipe such as ParseIntPipe.",
        "RefusedController.untypedQuery: its parameter 1, @Query(), cannot be derived: its type says nothing. Use a class, { schema }, or name its members.",
        "RefusedController.wholeRequest: its parameter 1 is @Req(), which no argument can fill. Use @Param(), @Query(), @Body(), or a decorator of your own (createParamDecorator) for what it reads.",
        "RefusedController.response: its parameter 1 is @Res(), which no argument can fill. Add { passthrough: true }, and return the result.",
        "RefusedController.next: its parameter 1 is @Next(), which no argument can fill. Return the result, or throw.",
        "RefusedController.session: its parameter 1 is @Session(), which no argument can fill. A tool has no cookies: read the caller from the request instead.",
        "RefusedController.file: its parameter 1 is @UploadedFile(), which no argument can fill. Accept the file by URL or as text in the body.",
        "RefusedController.allHeaders: its parameter 1, @Headers(), cannot be derived: it reads all headers. Name one.",
        "RefusedController.cookie: its header "cookie" belongs to the connection or the caller, so it cannot be an argument. Remove it.",
        "RefusedController.unreadHeader: its header "x-tenant" is not read by any parameter. Add @Headers('x-tenant'), or remove it.",
        "RefusedController.collision: its arguments path.buyer and body.buyer have the same name "buyer". Rename one: rename: { 'body.buyer': '…' }.",
        "RefusedController.renamed: its rename names "query.nothing", which is no part of its request. Use one of query.text.",
        "RefusedController.events: it streams events (@Sse()), which a tool cannot return. Write a provider with @McpTool().",
        "RefusedController.optional: its path /refused/optional{/:part} has optional or unnamed parts. Use :name and *name only.",
        "RefusedController.undescribed: its description is empty, so a model cannot tell when to use it",
        "RefusedController.unknownResponse: its response cannot be derived: its schema refers to #/components/schemas/Missing, which does not exist. Classes that it refers to must be in @ApiExtraModels(). Or write output: false.",
        "RefusedController.unknownBody: its parameter 1, @Body(), cannot be derived: its schema refers to #/components/schemas/Missing, which does not exist. Classes that it refers to must be in @ApiExtraModels().",
        "RefusedController.unknownPart: its parameter "part" of the path cannot be derived: its schema refers to #/components/schemas/Missing, which does not exist. Classes that it refers to must be in @ApiExtraModels().",
        "RefusedController.noRoute: it has no route. Add @Get(), @Post() or the like.",
        "ExposedProvider.method: @ExposeAsTool() is on a provider, which has no route. Use @McpTool().",
        "RefusedController.elsewhere: there is no endpoint "elsewhere". Use one of default, or add AerieModule.forRoot(…, { endpoint: "elsewhere" }).",
      ]
    `);
  });
});
