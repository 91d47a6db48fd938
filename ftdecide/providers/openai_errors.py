"""The one place where failures of the `openai` client become our errors."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus

import openai
from pydantic import ValidationError

from ftdecide.errors import ProviderError
from ftdecide.providers import base
from ftdecide.providers.retries import retry_after_seconds
from ftdecide.translation import _

_LONGEST_DETAIL = 300
_NO_TRAINING = "training_not_available"
_NO_CREDIT = "insufficient_quota"
_FILTERED = "content_filter"


@contextmanager
def our_errors(doing: str, key: str) -> Generator[None]:
    """Turn whatever the client raises while `doing` something into a leaf of `ProviderError`.

    Messages end in the store and in logs, so `key` is cut out of them: some servers repeat the key that they refuse.
    """
    try:
        yield
    except openai.APITimeoutError as error:
        raise base.TimedOutError(_("{doing}: no answer in time; try again later").format(doing=doing)) from error
    except openai.APIConnectionError as error:
        raise base.UnreachableError(
            _("{doing}: the server cannot be reached ({why}); check address and network").format(
                doing=doing, why=error.__cause__ or error
            )
        ) from error
    except openai.APIStatusError as error:
        raise _from_status(doing, error, key) from error
    except (openai.OpenAIError, ValidationError, ValueError) as error:
        # ValueError: a body that is not JSON although it says so.
        raise base.MalformedAnswerError(
            _("{doing}: the answer cannot be read ({why}); is this an OpenAI-compatible address?").format(
                doing=doing, why=error.__class__.__name__
            )
        ) from error


def _from_status(doing: str, error: openai.APIStatusError, key: str) -> ProviderError:
    said = " ".join(error.message.replace(key, "[key]").split())[:_LONGEST_DETAIL]
    if error.code == _NO_TRAINING or (
        _NO_TRAINING in said and error.status_code == openai.PermissionDeniedError.status_code
    ):
        return base.TrainingNotAvailableError(
            _("{doing}: this organisation may not fine-tune here ({said}); choose another provider").format(
                doing=doing, said=said
            )
        )
    if error.code == _FILTERED:
        return base.ContentFilteredError(f"{doing}: {said}; {_('reword this row, or leave it out')}")
    if error.status_code == HTTPStatus.REQUEST_TIMEOUT:
        return base.TimedOutError(f"{doing}: {said}; {_('try again later')}")
    if isinstance(error, openai.RateLimitError):
        return _rate_limited(doing, error, said)
    return _by_status(doing, error, said)


def _by_status(doing: str, error: openai.APIStatusError, said: str) -> ProviderError:
    for kind, leaf, mend in _BY_STATUS:
        if isinstance(error, kind) and issubclass(leaf, base.PassingError):
            return leaf(f"{doing}: {said}; {_(mend)}", retry_after=retry_after_seconds(error.response.headers))
        if isinstance(error, kind):
            return leaf(f"{doing}: {said}; {_(mend)}")
    return base.RejectedRequestError(f"{doing}: {said}; {_('correct the plan or the data')}")


def _rate_limited(doing: str, error: openai.RateLimitError, said: str) -> ProviderError:
    if error.code == _NO_CREDIT:
        return base.OutOfCreditError(f"{doing}: {said}; {_('add credit to the account, then resume')}")
    asked = retry_after_seconds(error.response.headers)
    return base.RateLimitedError(f"{doing}: {said}; {_('wait a while, then resume')}", retry_after=asked)


_BY_STATUS: tuple[tuple[type[openai.APIStatusError], type[ProviderError], str], ...] = (
    (openai.AuthenticationError, base.RefusedKeyError, "put a valid key into the worker's environment and restart it"),
    (openai.PermissionDeniedError, base.PermissionRefusedError, "use a key that may do this"),
    (openai.NotFoundError, base.ModelNotFoundError, "check the model's name and that this key may use it"),
    (openai.ConflictError, base.ServerFailedError, "something else is being done there; try again later"),
    (openai.InternalServerError, base.ServerFailedError, "try again later"),
)
