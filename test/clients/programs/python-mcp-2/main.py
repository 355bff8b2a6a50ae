import asyncio
from contextlib import asynccontextmanager

from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

from aerie_client import REDIRECT, URL, Storage, User, exercise, text_of

storage, user = Storage(), User()
METADATA = OAuthClientMetadata(
    client_name="python-mcp-2", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
)


class Tools:
    def __init__(self, client):
        self.client = client

    async def names(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments):
        return text_of(await self.client.call_tool(name, arguments))


@asynccontextmanager
async def session():
    auth = OAuthClientProvider(URL, METADATA, storage, user.open, user.callback)
    async with create_mcp_http_client(auth=auth) as http_client:
        async with Client(streamable_http_client(URL, http_client=http_client)) as client:
            yield Tools(client)


asyncio.run(exercise(session, storage))
