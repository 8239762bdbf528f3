"""Who may what: every route there is, asked by everybody there is. The table is written from the router."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from dispatcher.ledger.access import api_tokens
from dispatcher.ledger.access.users import ROLES, Role
from dispatcher.web import api
from dispatcher.web.api.dependencies import RequireToken
from dispatcher.web.auth import GuardedRoute
from dispatcher.web.permissions import Permission, role_allows
from tests.web_fixture import WALL_TIME, Browser, WebFixture, open_web

# What strangers may open, and why it is no harm.
PUBLIC = {
    "/healthz", "/readyz",  # no person, no campaign in it
    "/metrics",  # asks for a token itself
    "/sign-in", "/forgotten",  # the answer is the same for everybody
    "/reset/{token}",  # the address is the key, for once
    "/u/{token}", "/tham-gia/{token}",  # the address is the key
    "/static", "/",
}  # fmt: skip
PARAMETERS = {
    "campaign": "cong-dan-so", "step": "launch", "name": "nobody", "token": "999999", "hook": "nobody",
    "session": "0" * 16, "contact": "999999", "event": "999999",
}  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("routes")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        yield opened


@pytest.fixture(scope="module")
def people(web: WebFixture) -> dict[str, Browser]:
    return {"": web.browser()} | {role: web.browser(role) for role in ROLES}


def test_every_page_names_who_may_open_it(web: WebFixture) -> None:
    open_to_all = {route.path for route in web.web_app.pages if not isinstance(route, GuardedRoute)}
    assert open_to_all <= PUBLIC
    for route in web.web_app.pages:
        if isinstance(route, GuardedRoute):
            assert route.permissions
            assert set(route.permissions) <= set(get_args(Permission))


def path_of(route: Route | APIRoute) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: PARAMETERS.get(found[1], "1"), route.path)


def allowed(answer_status: int, location: str) -> bool:
    return answer_status != 403 and not location.startswith("/sign-in?next=")


def test_every_page_opens_to_its_roles_and_no_others(web: WebFixture, people: dict[str, Browser]) -> None:
    """A form without its token is refused after the right is looked at: 403 with other words."""
    wrong = []
    guarded = [route for route in web.web_app.pages if isinstance(route, GuardedRoute)]
    assert len(guarded) > 40
    for route in guarded:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            for who, browser in people.items():
                if path_of(route).endswith("/live"):
                    continue  # stays open; the same right as its page, looked at above
                answer = browser.request(method, path_of(route))
                may = who != "" and any(role_allows(role_named(who), right) for right in route.permissions)
                if method == "GET":
                    seen = allowed(answer.status_code, answer.headers.get("location", ""))
                else:
                    seen = "did not come from our own page" in answer.text
                if seen != may:
                    wrong.append((method, route.path, who, answer.status_code))
    assert wrong == []


def role_named(name: str) -> Role:
    return next(role for role in ROLES if role == name)


# --- the API ---------------------------------------------------------------------------------------------


def api_rules() -> Iterator[tuple[APIRoute, RequireToken | None]]:
    for router in api.ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            calls = [dependency.call for dependency in route.dependant.dependencies]
            yield route, next((call for call in calls if isinstance(call, RequireToken)), None)


def test_every_route_of_the_api_asks_for_a_token_or_a_signature() -> None:
    rules = {route.path: rule for route, rule in api_rules()}
    assert {path for path, rule in rules.items() if rule is None} == {"/push/{hook}"}
    assert {rule.scope for rule in rules.values() if rule} == set(api_tokens.SCOPES)


# Role with scope, and role with campaign: a token passes where all three agree, each asked by itself.
TOKENS: dict[str, tuple[Role, str, str]] = {
    f"{role}|{scope}|{campaign}": (role, scope, campaign)
    for role in ("viewer", "organiser")
    for scope in ("", *api_tokens.SCOPES)
    for campaign in ("", "cong-dan-so", "gone")
    if not scope or not campaign
}


def test_every_route_of_the_api_opens_to_its_tokens_and_no_others(web: WebFixture) -> None:
    for secret, (role, scope, campaign) in TOKENS.items():
        api_tokens.add(
            web.ledger, secret, label=secret, role=role, scopes=scope, campaign=campaign, who="t",
            now=WALL_TIME,
        )  # fmt: skip
    wrong = []
    machine = web.browser()
    for route, rule in api_rules():
        if rule is None:
            continue
        of_campaign = "cong-dan-so" if "{campaign}" in route.path else ""
        for method in route.methods:
            path = f"/api{api.VERSION_PREFIX}{path_of(route)}"
            assert machine.request(method, path).status_code == 401
            for secret, (role, scope, campaign) in TOKENS.items():
                may = (
                    (not rule.acts or role_allows(role, "act"))
                    and scope in ("", rule.scope)
                    and (rule.is_any_campaign or campaign in ("", of_campaign))
                )
                answer = machine.request(method, path, headers={"authorization": f"Bearer {secret}"})
                if (answer.status_code != 403) != may:
                    wrong.append((method, route.path, secret, answer.status_code))
    assert wrong == []


def campaign_rule(route: APIRoute, rule: RequireToken) -> str:
    if rule.is_any_campaign:
        return "what is about it"
    return "about it" if "{campaign}" in route.path else "no"


def test_the_table_in_the_docs_is_the_router(web: WebFixture) -> None:
    """Written anew by `WRITE_ACCESS_TABLE=1` with this test."""
    rows = [
        f"| `{method} {re.sub(r':(?:id|str)', '', route.path)}` | "
        + " | ".join(
            "✓" if any(role_allows(role, right) for right in route.permissions) else "" for role in ROLES
        )
        + f" | {'✓' if route.is_fresh else ''} |"
        for route in web.web_app.pages
        if isinstance(route, GuardedRoute)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    api_rows = [
        f"| `{method} /api{api.VERSION_PREFIX}{route.path}` | {rule.scope} "
        f"| {'organiser' if rule.acts else 'viewer, organiser'} | {campaign_rule(route, rule)} |"
        for route, rule in api_rules()
        if rule
        for method in sorted(route.methods)
    ]
    table = "\n".join(
        [
            f"| Page | {' | '.join(ROLES)} | password again |",
            f"| --- |{' --- |' * (len(ROLES) + 1)}",
            *rows,
            "",
            "| API | scope | role of the token | a token for one campaign |",
            "| --- | --- | --- | --- |",
            *api_rows,
        ]
    )
    page = Path(__file__).parent.parent.parent / "docs" / "access.md"
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition("<!-- table -->\n")
    fresh = f"{head}{begin}{table}\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    if os.environ.get("WRITE_ACCESS_TABLE"):
        page.write_text(fresh, encoding="utf-8")
    elif text != fresh:
        pytest.fail(
            "docs/access.md is stale: run this test with WRITE_ACCESS_TABLE=1, and look at the difference"
        )
