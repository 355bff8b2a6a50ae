import asyncio
from contextlib import asynccontextmanager

from fastmcp.client.auth import OAuth
from pydantic_ai.mcp import MCPToolset

from aerie_client import URL, exercise

oauth = OAuth(URL, client_name="pydantic-ai")


class Tokens:
    """Tokens in the context of the OAuth client."""

    @property
    def tokens(self):
        return oauth.context.current_tokens

    def spoil(self):
        self.tokens.access_token = "stale"


class Tools:
    def __init__(self, toolset):
        self.toolset = toolset

    async def names(self):
        return [tool.name for tool in await self.toolset.list_tools()]

    async def call(self, name, arguments):
        return await self.toolset.direct_call_tool(name, arguments)


@asynccontextmanager
async def session():
    async with MCPToolset(URL, auth=oauth) as toolset:
        yield Tools(toolset)


asyncio.run(exercise(session, Tokens()))
