"""Colours as CSS writes them, "#1a6ac0": contrast by WCAG 2.2, and the shades that reach it."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls

WHITE = "#ffffff"
NIGHT = "#121212"
"""The background of emails and pages in dark mode."""

TEXT = 4.5
"""The contrast that text of normal size needs (WCAG 2.2, 1.4.3 AA); large text needs 3."""


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(color: str, ground: str, ratio: float = TEXT) -> str:
    """The nearest shade of the same hue with this contrast on the background, else black or white."""
    hue, lightness, saturation = rgb_to_hls(*(value / 255 for value in _rgb(color)))
    end = max((0.0, 1.0), key=lambda pole: contrast(_hex(hue, pole, saturation), ground))
    for step in range(101):
        shade = _hex(hue, lightness + (end - lightness) * step / 100, saturation)
        if contrast(shade, ground) >= ratio:
            break
    return shade


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB
        for part in (value / 255 for value in _rgb(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in hls_to_rgb(hue, lightness, saturation))
