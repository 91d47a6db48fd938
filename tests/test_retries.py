"""How long to wait before trying again, as providers say it."""

from datetime import UTC, datetime

import pytest

from ftdecide.providers import base
from ftdecide.providers.retries import retry_after_seconds
from tests.loopback import KEY, Bad, serve_loopback

NOW = datetime(2026, 10, 21, 7, 27, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000"}, 30.0),
        ({"retry-after": "Wednesday, 21-Oct-26 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "\xb2"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_wait_is_understood_in_seconds_fractions_and_dates(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, NOW) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_is_read_from_every_refusal_that_passes(status: int) -> None:
    from ftdecide.providers.access import Access
    from ftdecide.providers.openai import OpenAIProvider

    with serve_loopback() as server:
        server.bad.append(Bad(status, headers={"retry-after": "0.5"}))
        with pytest.raises(base.PassingError) as caught:
            OpenAIProvider(Access(server.base_url, KEY, 5.0)).complete_chat(
                "base", [{"role": "user", "content": "hello"}], max_tokens=8
            )
    assert caught.value.retry_after == 0.5
