import asyncio
from contextlib import asynccontextmanager

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata

from aerie_client import REDIRECT, URL, Storage, User, exercise

storage, user = Storage(), User()
METADATA = OAuthClientMetadata(
    client_name="langchain-python", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
)


class Tools:
    def __init__(self, tools):
        self.tools = {tool.name: tool for tool in tools}

    async def names(self):
        return list(self.tools)

    async def call(self, name, arguments):
        return await self.tools[name].ainvoke(arguments)


@asynccontextmanager
async def session():
    auth = OAuthClientProvider(URL, METADATA, storage, user.open, user.callback)
    client = MultiServerMCPClient({"aerie": {"transport": "streamable_http", "url": URL, "auth": auth}})
    async with client.session("aerie") as session:
        yield Tools(await load_mcp_tools(session))


asyncio.run(exercise(session, storage))
