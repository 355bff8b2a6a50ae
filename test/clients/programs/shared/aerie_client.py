"""Steps that every Python client performs, and a store for its OAuth state."""

import json
import os
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlparse

URL = os.environ["AERIE_URL"]
TOKEN = os.environ["TOKEN"]
REDIRECT = "http://127.0.0.1:33418/callback"


def report(step, outcome, detail=""):
    """Reports the outcome of a step to the runner."""
    print(json.dumps({"step": step, "outcome": outcome, "detail": str(detail)[:300]}), flush=True)


def reason(error):
    """Returns the message of an error, or of the first one in a group."""
    while getattr(error, "exceptions", None):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


class Storage:
    """In-memory implementation of the SDK's TokenStorage."""

    def __init__(self):
        self.tokens = None
        self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    def spoil(self):
        self.tokens = self.tokens.model_copy(update={"access_token": "stale"})


class User:
    """The user's browser: opens the authorization page, allows access, and keeps the redirect to the client."""

    def __init__(self):
        self.answer = {}

    async def open(self, url):
        request = urllib.request.Request(os.environ["BROWSER_URL"], data=url.encode(), method="POST")
        try:
            with urllib.request.urlopen(request) as response:
                self.answer = parse_qs(urlparse(response.read().decode()).query)
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from error

    async def callback(self):
        answer = {name: values[0] for name, values in self.answer.items()}
        try:
            from mcp.client.auth import AuthorizationCodeResult
        except ImportError:  # version 1
            return answer["code"], answer["state"]
        return AuthorizationCodeResult(**answer)


async def exercise(session, storage=None, has_scopes=True):
    """Signs in, lists, calls, gets a further scope, and goes on after the token became invalid.

    session: returns an async context manager of an object with `names()` and `call(name, arguments)`
    storage: where the client keeps its tokens; without one, it sends $TOKEN
    """

    async def greet():
        async with session() as client:
            names = await client.names()
            report("sign in" if storage else "connect", "passed")
            if any("whoami" in name for name in names):
                report("list", "passed", f"{len(names)} tools")
            else:
                report("list", "failed", f"only {', '.join(names)}")
            await client.call("greet_user", {"name": "Ada"})

    async def add():
        async with session() as client:
            await client.call("add_todo", {"title": "x"})

    async def renew():
        storage.spoil()
        async with session() as client:
            await client.call("whoami", {})

    steps = [("call", greet)]
    if storage:
        steps += [("step-up", add), ("renew", renew)]
    for name, action in steps:
        try:
            await action()
            report(name, "passed")
        except BaseException as error:  # some clients raise groups of errors, or cancel their own task
            report(name, "failed", reason(error))
            if storage and storage.tokens is None:
                return


def text_of(result):
    """Returns the text of a tool's result.

    Raises RuntimeError if it is an error.
    """
    text = "".join(getattr(part, "text", "") for part in result.content)
    if getattr(result, "isError", False) or getattr(result, "is_error", False):
        raise RuntimeError(text)
    return text
