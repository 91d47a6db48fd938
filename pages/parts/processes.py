"""Whether the processes beside the app run, and how that is shown; looking starts nothing."""

import json
import os

import streamlit as st

from ftdecide.settings import Settings
from ftdecide.translation import _


def show_lamp(title: str, *, running: bool, otherwise: str) -> None:
    """Show that something runs, or that it does not and what starts it."""
    badge = (
        f":green-badge[:material/play_circle: {_('running')}]"
        if running
        else f":gray-badge[:material/pause_circle: {_('not running')}] {otherwise}"
    )
    st.markdown(f"**{title}**: {badge}")


def engine_alive(settings: Settings) -> bool:
    """Say whether the process lives that the local engine's own note names."""
    try:
        pid = int(json.loads((settings.home / "local" / "engine.json").read_text(encoding="utf-8"))["pid"])
        os.kill(pid, 0)
    except PermissionError:  # it lives, under another user
        return True
    except (OSError, ValueError, KeyError, TypeError):  # no note, half a note, or nobody of that number
        return False
    return True
