"""The colours of `.streamlit/config.toml` can be read, and charts get them."""

import tomllib
from pathlib import Path

import pytest

THEME = tomllib.loads((Path(__file__).resolve().parents[1] / ".streamlit/config.toml").read_text("utf-8"))["theme"]
READABLE = 4.5
# Streamlit draws a selected pill in the primary colour on a tenth of it, and a chart's colours by ten numbers.
PILL_TINT, CHART_COLOURS = 0.1, 10


def channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def contrast(one: list[float], other: list[float]) -> float:
    """WCAG 2.2, "contrast ratio"."""

    def luminance(colour: list[float]) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_selected_pills_and_primary_buttons_can_be_read(mode: str) -> None:
    theme = THEME[mode]
    primary, ground = channels(theme["primaryColor"]), channels(theme["backgroundColor"])
    pill = [PILL_TINT * own + (1 - PILL_TINT) * below for own, below in zip(primary, ground, strict=True)]
    assert contrast(primary, pill) >= READABLE
    assert contrast(channels(theme["violetTextColor"]), primary) >= READABLE
    assert contrast(channels(theme["violetTextColor"]), channels(theme["violetBackgroundColor"])) >= READABLE


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_chart_gets_all_ten_colours_it_asks_for(mode: str) -> None:
    colours = THEME[mode]["chartCategoricalColors"]
    assert len(colours) == len(set(colours)) == CHART_COLOURS
