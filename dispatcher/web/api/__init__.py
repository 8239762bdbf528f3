"""The JSON API for other machines: campaigns, plan, status, participation, opt-outs; described by OpenAPI.

Callers show an API token; the contest's platform may push instead, signed as Standard Webhooks.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from dispatcher import __version__
from dispatcher.untrusted import clean_json
from dispatcher.web.api import campaigns, participation, people, push
from dispatcher.web.page_context import PageContext, nobody_listens

ROUTERS = (campaigns.router, participation.router, people.router, push.router)
VERSION_PREFIX = "/v1"
DETAIL_DEPTH = 10
DESCRIPTION = """Keys and words are English in either language; moments are ISO 8601 with their offset.
Make a token on the page Machines and send it as `Authorization: Bearer …`."""


def create_api(context: PageContext) -> FastAPI:
    """Make the API of a service, to be mounted at /api."""
    api = FastAPI(
        title="dispatcher",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    api.state.context = context
    api.add_exception_handler(RequestValidationError, _refuse)
    api.add_exception_handler(ClientDisconnect, nobody_listens)
    for router in ROUTERS:
        api.include_router(router, prefix=VERSION_PREFIX)
    return api


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request, and repeat what was sent: as far as JSON can say it."""
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": clean_json(jsonable_encoder(error.errors()), depth=DETAIL_DEPTH)}, 422)
