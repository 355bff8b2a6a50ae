"""The client of FastMCP, whose versions share this interface."""

import asyncio
from contextlib import asynccontextmanager

from fastmcp import Client
from fastmcp.client.auth import OAuth

from aerie_client import URL, exercise

oauth = OAuth(URL, client_name="fastmcp")


class Tokens:
    """Tokens in the context of FastMCP's own OAuth client."""

    @property
    def tokens(self):
        return oauth.context.current_tokens

    def spoil(self):
        self.tokens.access_token = "stale"


class Tools:
    def __init__(self, client):
        self.client = client

    async def names(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name, arguments):
        return (await self.client.call_tool(name, arguments)).content[0].text


@asynccontextmanager
async def session():
    async with Client(URL, auth=oauth) as client:
        yield Tools(client)


asyncio.run(exercise(session, Tokens()))
