import asyncio
from contextlib import asynccontextmanager

from mcp_use import MCPClient

from aerie_client import URL, exercise, text_of


class Tokens:
    """Tokens in mcp-use's own store, which it reads when it connects."""

    tokens = True

    def spoil(self):
        import pathlib
        import re

        for path in pathlib.Path.home().glob(".mcp_use/tokens/*.json"):
            path.write_text(re.sub(r'("access_token": ?")[^"]*', r"\1stale", path.read_text()))


class Tools:
    def __init__(self, session):
        self.session = session

    async def names(self):
        return [tool.name for tool in await self.session.list_tools()]

    async def call(self, name, arguments):
        return text_of(await self.session.call_tool(name, arguments))


@asynccontextmanager
async def session():
    client = MCPClient({"mcpServers": {"aerie": {"url": URL}}})
    try:
        yield Tools(await client.create_session("aerie"))
    finally:
        await client.close_all_sessions()


asyncio.run(exercise(session, Tokens()))
