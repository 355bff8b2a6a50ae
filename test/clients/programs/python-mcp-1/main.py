import asyncio
from contextlib import asynccontextmanager

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata

from aerie_client import REDIRECT, URL, Storage, User, exercise, text_of

storage, user = Storage(), User()
METADATA = OAuthClientMetadata(
    client_name="python-mcp-1", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
)


class Client:
    def __init__(self, session):
        self.session = session

    async def names(self):
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name, arguments):
        return text_of(await self.session.call_tool(name, arguments))


@asynccontextmanager
async def session():
    auth = OAuthClientProvider(URL, METADATA, storage, user.open, user.callback)
    async with streamablehttp_client(URL, auth=auth) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            yield Client(session)


asyncio.run(exercise(session, storage))
