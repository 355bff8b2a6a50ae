import fastmcp_client  # noqa: F401 runs it
