"""Where things live, what runs, how old the prices are, and which environment variables change what."""

import os

import streamlit as st
from sqlalchemy import make_url

from ftdecide.catalog.ages import list_ages
from ftdecide.catalog.load import load_catalog
from ftdecide.errors import FtdecideError
from ftdecide.jobs.launch import worker_alive
from ftdecide.local.launch import find_running
from ftdecide.providers.connections import load_connections
from ftdecide.settings import Settings
from ftdecide.translation import _, plural
from pages.parts import show, state

VARIABLES = {
    "FTDECIDE_HOME": _("The folder that holds everything: assessments, runs, files and the local model."),
    "FTDECIDE_DATABASE_URL": _(
        "A PostgreSQL database instead of the SQLite files in that folder, for several machines."
    ),
    "FTDECIDE_WORKER": _(
        "“external” if somebody else starts the worker; otherwise the app starts one when it is needed."
    ),
    "FTDECIDE_LOCAL_MODEL": _("Another model for runs without a network: a Hugging Face folder or hub id."),
}
MEGABYTE = 1_000_000


def show_places(settings: Settings) -> None:
    """Show the folder and the databases, and how much they hold."""
    st.header(_("Where your data is"), anchor=False)
    size = sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file() and not path.is_symlink())
    places = {
        _("Folder"): f"{settings.home} ({size / MEGABYTE:,.1f} MB)",
        _("Assessments and results"): _database(settings.database_url),
        _("Progress of running work"): _database(settings.engine_database_url),
        _("Uploaded and generated files"): str(settings.files),
    }
    for what, where in places.items():
        st.markdown(f"**{what}**  \n`{where}`")
    st.caption(_("To take everything along, stop the app and copy the folder. Nothing is sent anywhere from here."))


def _database(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def show_processes(settings: Settings) -> None:
    """Show whether the worker and the local engine run; nothing is started by looking."""
    st.header(_("What is running"), anchor=False)
    alive = worker_alive(settings)
    waits = (
        _("somebody else starts it; runs wait until then")
        if settings.worker == "external"
        else _("it starts by itself when a run needs it")
    )
    _lamp(_("Worker, which does everything that takes long"), running=alive, otherwise=waits)
    _lamp(
        _("Local engine, the small model on this machine"),
        running=find_running(settings) is not None,
        otherwise=_("a run starts it"),
    )
    st.caption(_("Local model: {model}").format(model=settings.local_model))


def _lamp(title: str, *, running: bool, otherwise: str) -> None:
    badge = (
        f":green-badge[:material/play_circle: {_('running')}]"
        if running
        else f":gray-badge[:material/pause_circle: {_('not running')}] {otherwise}"
    )
    st.markdown(f"**{title}**: {badge}")


def show_catalog() -> None:
    """Show how old the figures are, file by file."""
    st.header(_("How old the prices and dates are"), anchor=False)
    ages = list_ages(load_catalog(), state.today())
    stale, figures = sum(age.stale for age in ages), sum(age.figures for age in ages)
    newest = max(age.newest for age in ages if age.newest)
    st.markdown(
        _("{figures} figures were read from public pages, the newest on {day}.").format(figures=figures, day=newest)
        + " "
        + plural(
            "{n} of them is older than 90 days or undated; check it before you rely on it.",
            "{n} of them are older than 90 days or undated; check those before you rely on them.",
            stale,
        )
    )
    st.dataframe(
        [
            {
                _("File"): age.name,
                _("Figures"): age.figures,
                _("To be checked"): age.stale,
                _("Oldest"): age.oldest,
                _("Newest"): age.newest,
            }
            for age in sorted(ages, key=lambda age: -age.stale)
        ],
        hide_index=True,
        height="content",
        column_config={_("File"): st.column_config.TextColumn(width="medium")},
    )
    st.caption(_("They stand in data/providers and data/gpus.yml; add a newer reading there with its source and day."))


def show_variables() -> None:
    """Show the environment variables; of keys only whether they are set, never what they are."""
    st.header(_("Environment variables"), anchor=False)
    st.info(_("Keys are not entered here yet. Set them where the app is started; they are never stored or shown."))
    keys = {
        each.key_variable: _("The key for {provider}.").format(provider=each.title)
        for each in load_connections().connections
        if each.key_variable
    }
    st.table(
        [
            {
                _("Variable"): f"`{name}`",
                _("Set"): _("yes") if os.environ.get(name) else _("no"),
                _("What it does"): what,
            }
            for name, what in {**VARIABLES, **keys}.items()
        ]
    )


def main() -> None:
    """Show the page."""
    show.page_header(
        _("Settings"), _("Where things live, what runs, and how old the prices are. Nothing is changed here.")
    )
    try:
        settings = state.settings()
        show_places(settings)
        show_processes(settings)
        show_catalog()
        show_variables()
    except FtdecideError as error:
        show.problem(error)


main()
