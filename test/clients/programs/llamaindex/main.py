import asyncio
from contextlib import asynccontextmanager

from llama_index.tools.mcp import BasicMCPClient, McpToolSpec
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata

from aerie_client import REDIRECT, URL, Storage, User, exercise

storage, user = Storage(), User()
METADATA = OAuthClientMetadata(
    client_name="llamaindex", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
)


class Tools:
    def __init__(self, tools):
        self.tools = {tool.metadata.name: tool for tool in tools}

    async def names(self):
        return list(self.tools)

    async def call(self, name, arguments):
        output = await self.tools[name].acall(**arguments)
        if output.is_error:
            raise RuntimeError(output.content)
        return output.content


@asynccontextmanager
async def session():
    auth = OAuthClientProvider(URL, METADATA, storage, user.open, user.callback)
    client = BasicMCPClient(URL, auth=auth)
    yield Tools(await McpToolSpec(client).to_tool_list_async())


asyncio.run(exercise(session, storage))
