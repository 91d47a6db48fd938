"""Reading what clients send: JSON bodies, page parameters, and answers in pages."""

import json
from typing import Protocol, TypeVar

from pydantic import BaseModel, JsonValue
from starlette.requests import Request

from ftdecide.local.wire import RefusedError

_MOST_IN_A_PAGE = 10_000


class HasId(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id."""
        ...


Thing = TypeVar("Thing", bound=HasId)


async def read_json(request: Request) -> object:
    """Return the parsed body.

    Raises:
        RefusedError: the body is not JSON.
    """
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"the body is not JSON ({error}); send a JSON object") from error


def named_model(request: Request) -> dict[str, JsonValue]:
    """Return the model that the address names, as Azure's addresses do; it goes before that of the body."""
    deployment = request.path_params.get("deployment")
    return {} if deployment is None else {"model": str(deployment)}


def choose_page(request: Request, things: list[Thing], usual: int) -> tuple[list[Thing], bool]:
    """Return the page that `after` and `limit` ask for, and whether there is more.

    Raises:
        RefusedError: `limit` is no positive whole number.
    """
    limit = request.query_params.get("limit", str(usual))
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST_IN_A_PAGE:
        raise RefusedError(f"limit={limit!r}: use a whole number from 1 to {_MOST_IN_A_PAGE}", param="limit")
    after = request.query_params.get("after")
    ids = [thing.id for thing in things]
    first = ids.index(after) + 1 if after in ids else 0
    return things[first : first + int(limit)], first + int(limit) < len(things)


def page_view(data: list[JsonValue], *, more: bool) -> dict[str, JsonValue]:
    """Return a page of a list as clients expect it."""
    ids = [one["id"] for one in data if isinstance(one, dict)]
    ends: dict[str, JsonValue] = {"first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}
    return {"object": "list", "data": data, "has_more": more, **ends}


def view(thing: BaseModel) -> JsonValue:
    """Return a document as JSON values."""
    found: JsonValue = thing.model_dump(mode="json")
    return found
