import asyncio
from contextlib import asynccontextmanager

from crewai_tools import MCPServerAdapter

from aerie_client import TOKEN, URL, exercise


class Tools:
    def __init__(self, tools):
        self.tools = {tool.name: tool for tool in tools}

    async def names(self):
        return list(self.tools)

    async def call(self, name, arguments):
        return self.tools[name].run(**arguments)


@asynccontextmanager
async def session():
    parameters = {
        "url": URL,
        "transport": "streamable-http",
        "headers": {"Authorization": f"Bearer {TOKEN}"},
    }
    with MCPServerAdapter(parameters) as tools:
        yield Tools(tools)


asyncio.run(exercise(session))
