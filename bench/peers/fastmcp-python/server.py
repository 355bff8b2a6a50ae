"""FastMCP behind FastAPI, with the middleware of Scalekit's guide for custom authentication."""

import os
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Request, Response
from fastmcp import FastMCP
from pydantic import Field
from scalekit import ScalekitClient
from scalekit.common.scalekit import TokenValidationOptions

ISSUER = os.environ["ISSUER"]
OPTIONS = TokenValidationOptions(issuer=ISSUER, audience=[os.environ["AUDIENCE"]])
CHALLENGE = {"WWW-Authenticate": f'Bearer realm="OAuth", resource_metadata="{ISSUER}"'}

scalekit = ScalekitClient(ISSUER, "skc_1", "secret")
mcp = FastMCP("peer")


async def greet(name: Annotated[str, Field(min_length=1, description="The name of whom to greet")]) -> str:
    return f"Hi {name}"


for number in range(1, int(os.environ["TOOLS"]) + 1):
    mcp.tool(name=f"tool_{number}", description=f"Greets somebody, and is the tool number {number}.")(greet)

mcp_app = mcp.http_app(path="/")
app = FastAPI(lifespan=mcp_app.lifespan)


@app.middleware("http")
async def authenticate(request: Request, call_next):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme != "Bearer" or not scalekit.validate_access_token(token, options=OPTIONS):
            raise ValueError("Invalid token")
    except Exception:
        return Response(
            '{"error": "Token validation failed"}',
            status_code=401,
            headers=CHALLENGE,
            media_type="application/json",
        )
    return await call_next(request)


app.mount("/", mcp_app)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
