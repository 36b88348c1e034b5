"""Parts of the outputs that settings switch off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import open_build

if TYPE_CHECKING:
    from pathlib import Path


def paths_with(site: Path, table: str, line: str) -> dict[str, str]:
    path = site / "feeds.toml"
    text = path.read_text()
    path.write_text(
        text.replace(f"[{table}]\n", f"[{table}]\n{line}\n")
        if f"[{table}]\n" in text
        else f"{text}\n[{table}]\n{line}\n"
    )
    return {output.path: output.data.decode("utf-8", "replace") for output in open_build(site).outputs()}


def test_without_digests_there_is_no_issue_and_no_link_to_one(site_folder: Path) -> None:
    outputs = paths_with(site_folder, "digest", "enabled = false")

    assert [path for path in outputs if "digest" in path] == []
    assert [path for path, text in outputs.items() if "/digest/" in text] == []
    assert "en/subscribe/index.html" in outputs


def test_without_pages_feeds_lead_to_the_site_itself(site_folder: Path) -> None:
    outputs = paths_with(site_folder, "feeds", "pages = false")

    assert [path for path in outputs if "subscribe" in path or path == "feed.css"] == []
    assert [path for path, text in outputs.items() if "/subscribe/" in text or "feed.css" in text] == []
    assert '<link rel="alternate" type="text/html" href="https://reviews.example.org/"/>' in outputs["en/atom.xml"]
    assert "en/digest/index.html" in outputs
