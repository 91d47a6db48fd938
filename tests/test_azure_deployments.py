"""Azure's deployments over its management interface, against a server on loopback that behaves like it."""

from collections.abc import Generator

import pytest

from ftdecide.errors import InputError
from ftdecide.providers import base
from ftdecide.providers.connections import find_connection
from ftdecide.providers.hosting import Deployment, Hosting, deployed_name, missing_to_deploy, open_hosting
from tests.azure_server import SECRET, Azure, serve_azure
from tests.loopback import Bad, refusal, serve_loopback


@pytest.fixture
def azure() -> Generator[Azure]:
    with serve_loopback() as data, serve_azure(data) as state:
        yield state


def hosting(azure: Azure, **changed: str) -> Hosting:
    found = open_hosting(find_connection("azure"), {**azure.environ(), **changed})
    assert found is not None
    return found


def test_only_azure_keeps_tuned_models_deployed() -> None:
    for provider in ("openai", "nebius", "local"):
        assert open_hosting(find_connection(provider), {}) is None


def test_a_deployment_is_created_becomes_ready_and_is_gone_after_its_end(azure: Azure) -> None:
    keeper = hosting(azure)
    assert keeper.find("tuned-1") is None
    assert keeper.create("tuned-1", "gpt-4.1-mini.ft-1").state == "creating"
    assert azure.deployments["tuned-1"]["sku"] == {"name": "GlobalStandard", "capacity": 50}
    assert azure.deployments["tuned-1"]["model"] == {"format": "OpenAI", "name": "gpt-4.1-mini.ft-1", "version": "1"}
    states = [found.state for found in (keeper.find("tuned-1") for _look in range(2)) if found]
    assert states == ["creating", "ready"]
    keeper.delete("tuned-1")
    assert keeper.find("tuned-1") is None
    keeper.delete("tuned-1")
    assert azure.asked["DELETE tuned-1"] == 2


def test_asking_twice_makes_one_deployment(azure: Azure) -> None:
    keeper = hosting(azure)
    keeper.create("tuned-1", "m")
    keeper.create("tuned-1", "m")
    assert list(azure.deployments) == ["tuned-1"]


def test_a_deployment_that_fails_says_why(azure: Azure) -> None:
    azure.fail_with = "no capacity left in this region"
    found = hosting(azure).create("tuned-1", "m")
    assert (found.state, found.error) == ("failed", "no capacity left in this region")


def test_all_deployments_are_listed_over_pages(azure: Azure) -> None:
    for number in range(5):
        azure.deploy(f"d{number}", f"model-{number}", "2025-04-14")
    assert [each.name for each in hosting(azure).deployments()] == [f"d{number}" for number in range(5)]


def test_a_token_is_never_sent_to_another_server(azure: Azure) -> None:
    azure.bad.append(Bad(body='{"value": [], "nextLink": "https://elsewhere.example/next"}'))
    with pytest.raises(base.MalformedAnswerError):
        hosting(azure).deployments()


def test_a_token_is_renewed_before_it_ends_and_used_again_until_then(azure: Azure) -> None:
    keeper = hosting(azure)
    keeper.deployments()
    keeper.deployments()
    assert azure.asked["sign in"] == 1
    azure.token_seconds = 100
    brief = hosting(azure)
    brief.deployments()
    brief.deployments()
    assert azure.asked["sign in"] == 3


def test_a_token_from_the_environment_does_where_there_is_no_application(azure: Azure) -> None:
    azure.tokens.append("given")
    keeper = hosting(azure, AZURE_CLIENT_SECRET="", AZURE_MANAGEMENT_TOKEN="given")
    assert keeper.deployments() == ()
    azure.tokens.append("newer")
    with pytest.raises(base.RefusedKeyError) as caught:
        keeper.deployments()
    assert "given" not in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "leaf"),
    [
        (Bad(403, '{"error": {"code": "AuthorizationFailed", "message": "no"}}'), base.PermissionRefusedError),
        (Bad(400, '{"error": {"code": "InsufficientQuota", "message": "no"}}'), base.RejectedRequestError),
        (Bad(409, '{"error": {"code": "RequestConflict", "message": "busy"}}'), base.ServerFailedError),
        (refusal(429, "TooManyRequests", "slow", retry_after="3"), base.RateLimitedError),
        (Bad(500, "{}"), base.ServerFailedError),
        (Bad(200, "[]"), base.MalformedAnswerError),
        (Bad(200, "<html>", content_type="text/html"), base.MalformedAnswerError),
    ],
)
def test_a_refusal_has_the_error_that_every_provider_has(azure: Azure, bad: Bad, leaf: type[Exception]) -> None:
    azure.bad.append(bad)
    with pytest.raises(leaf) as caught:
        hosting(azure).create("tuned-1", "m")
    assert type(caught.value) is leaf


def test_a_wrong_secret_is_refused_and_not_shown(azure: Azure) -> None:
    with pytest.raises(base.RefusedKeyError, match="signing in to Azure") as caught:
        hosting(azure, AZURE_CLIENT_SECRET="wrong-secret").deployments()
    assert "wrong-secret" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("variable", ["AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZURE_TENANT_ID"])
def test_what_is_missing_is_asked_for_by_name(azure: Azure, variable: str) -> None:
    with pytest.raises(base.MissingKeyError, match=variable):
        hosting(azure, **{variable: ""})
    with pytest.raises(base.MissingKeyError, match="AZURE_MANAGEMENT_TOKEN"):
        hosting(azure, AZURE_CLIENT_SECRET="")


def test_what_deploying_still_needs_is_known_without_asking(azure: Azure) -> None:
    connection, environ = find_connection("azure"), azure.environ()
    assert missing_to_deploy(connection, environ) == ()
    assert missing_to_deploy(connection, {**environ, "AZURE_CLIENT_SECRET": ""}) == ("AZURE_CLIENT_SECRET",)
    assert missing_to_deploy(connection, {}) == (
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_RESOURCE_GROUP",
        "AZURE_MANAGEMENT_TOKEN",
    )
    assert missing_to_deploy(find_connection("openai"), {}) == ()


def test_the_sign_in_is_never_asked_without_https(azure: Azure) -> None:
    with pytest.raises(InputError, match="AZURE_AUTHORITY_HOST"):
        hosting(azure, AZURE_AUTHORITY_HOST="http://login.example")


def test_a_model_answers_under_the_name_of_its_deployment() -> None:
    some = (
        Deployment(name="mini", model="gpt-4.1-mini", version="2025-04-14", state="ready"),
        Deployment(name="early", model="tuned", version="1", state="creating"),
        Deployment(name="late", model="tuned", version="1", state="ready"),
    )
    assert deployed_name("gpt-4.1-mini-2025-04-14", some) == "mini"
    assert deployed_name("gpt-4.1-mini", some) == "mini"
    assert deployed_name("tuned", some) == "late"
    assert deployed_name("early", some) == "early"
    assert deployed_name("unknown", some) == "unknown"
