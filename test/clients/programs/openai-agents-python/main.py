import asyncio
from contextlib import asynccontextmanager

from agents.mcp import MCPServerStreamableHttp
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata

from aerie_client import REDIRECT, URL, Storage, User, exercise, text_of

storage, user = Storage(), User()
METADATA = OAuthClientMetadata(
    client_name="openai-agents-python", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
)


class Tools:
    def __init__(self, server):
        self.server = server

    async def names(self):
        return [tool.name for tool in await self.server.list_tools()]

    async def call(self, name, arguments):
        return text_of(await self.server.call_tool(name, arguments))


@asynccontextmanager
async def session():
    auth = OAuthClientProvider(URL, METADATA, storage, user.open, user.callback)
    async with MCPServerStreamableHttp({"url": URL, "auth": auth}) as server:
        yield Tools(server)


asyncio.run(exercise(session, storage))
