"""What a finished document does wrong. A case is a document with one fault, beside it the findings it must give.

To add one, write `checks/KIND/NAME.xml` (or `.json`, `.opml`) and run `pytest --update-golden`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.syndication.checks import Finding, findings
from tests.support import HERE, ROOT, Expected, listed

CASES = sorted(path for path in (HERE / "checks").glob("*/*") if path.suffix != ".txt")
GOLDEN = sorted(path for path in (HERE / "golden").rglob("*") if path.suffix in {".xml", ".json", ".opml"})
W3C = ROOT.parent / "shared" / "w3c-testcases"

ADDRESS = "is not absolute|must be escaped|has no host|only a scheme|is not http"
MARKUP = "looks like (?:escaped )?HTML"
MAIL = "is not an email address"
RFC3339 = "RFC 3339 date|impossible date or time"
RFC822 = "RFC 822 date|impossible date or time|weekday"
GUID = "a permalink|no guid"

RULES = {
    # message of the W3C's validator: how ours says it; {element} is the one the case is about
    "AttrNotBlank": "is empty|neither registered|has the invalid type",
    "ContainsHTML": MARKUP,
    "ContainsRelRef": "relative URL",
    "ContainsUndeclaredHTML": MARKUP,
    "DuplicateAtomLink": "alternate links have",
    "DuplicateElement": r"\d <{element}>, but only one",
    "DuplicateEntries": "same id",
    "Error": ".",
    "FeedHistoryRelInEntry": "which is for feeds",
    "FeedRelInCompleteFeed": "complete feed has",
    "HtmlFragment": "would be a whole page",
    "ImageLinkDoesntMatch": "image's link",
    "ImageTitleDoesntMatch": "image's title",
    "InvalidAddrSpec": MAIL,
    "InvalidBooleanAttribute": "isPermaLink",
    "InvalidContact": MAIL,
    "InvalidFullLink": ADDRESS,
    "InvalidHttpGUID": GUID,
    "InvalidIRI": ADDRESS,
    "InvalidIntegerAttribute": "whole number",
    "InvalidLanguage": "language tag",
    "InvalidLink": ADDRESS,
    "InvalidMIMEType": "media type|has the invalid type",
    "InvalidNamespace": "root element",
    "InvalidNonNegativeInteger": "whole number",
    "InvalidRFC2822Date": RFC822,
    "InvalidRFC3339Date": RFC3339,
    "InvalidRSSVersion": "version",
    "InvalidTAG": "tag URI|must be escaped",
    "InvalidTrueFalse": "neither true nor false",
    "InvalidURLAttribute": ADDRESS,
    "InvalidURN": "not a URN",
    "InvalidUriChar": ADDRESS,
    "InvalidWidth": "image's width",
    "MissingAttribute": "is empty",
    "MissingContentOrAlternate": "neither content nor",
    "MissingCurrentInArchive": "no link with rel=current",
    "MissingElement": "has no <{element}>|has an {element}",
    "MissingGuid": "no guid",
    "MissingLink": "has no <link>",
    "MissingNamespace": "root element|no namespace",
    "MissingSelf": "rel=self",
    "MissingSourceElement": "the source has no",
    "MissingSummary": "needs a <summary>",
    "MissingTitle": "has no <title>",
    "MissingUrlAttr": "without url",
    "MissingXhtmlDiv": "single XHTML div",
    "MissingXmlURL": "without xmlUrl",
    "NotBlank": f"is empty|{ADDRESS}",
    "NotEscaped": "contains elements",
    "NotHtml": "too often",
    "NotInline": "single XHTML div",
    "ProblematicalRFC822Date": RFC822,
    "RelativeSelf": ADDRESS,
    "SAXError": "not well-formed",
    "SecurityRisk": "RFC 4287 section 8.1",
    "UndefinedElement": "does not belong|root element|contains elements",
    "UndeterminableVocabulary": "no namespace",
    "UnexpectedText": "is not a single element",
    "UnexpectedWhitespace": f"{ADDRESS}|{RFC3339}",
    "UnknownEncoding": "declared as",
    "UnregisteredAtomLinkRel": "neither registered",
    "ValidAtomLinkRel": "neither registered",
    "ValidContact": MAIL,
    "ValidElement": MARKUP,
    "ValidHeight": "image's height",
    "ValidHttpGUID": GUID,
    "ValidLanguage": "language tag",
    "ValidMIMEAttribute": "media type",
    "ValidRFC2822Date": RFC822,
    "ValidTAG": "tag URI",
    "ValidURI": ADDRESS,
    "ValidURLAttribute": ADDRESS,
    "ValidURN": "not a URN",
    "ValidW3CDTFDate": RFC3339,
    "ValidWidth": "image's width",
}
HOUSE = re.compile("rel=self|no guid|declared as|version is not 2.0")
"""Asked of our documents and no error to the validator: a self link, a guid, UTF-8, the newest version."""

NOT_OURS = re.compile(  # elements we never write and have no rules for
    r"cloud_|textInput|skipHours|skipDays_no|ttl_|admin_|blogChannel|_sy_|ulcc_|trackback|license-entry|xhtml_body|rss10_|foaf_|rdfs_"
    r"|valid_(ag|dcterms|taxo)_|_item_source\.|image_text|image_title_contains|description_contains_import"
)
APART = {
    # ours is stricter: readers do not resolve what is relative
    "atom/2/rel-colon.xml": "relative link",
    "atom/2/valid-schemeless-iri.xml": "relative link",
    "atom/3.2.2/relative-ref.xml": "relative link",
    "atom/4.2.5/icon_relative_ref.xml": "relative link",
    "atom/4.2.7.1/link-href-relative.xml": "relative link",
    "atom/4.2.7.2/empty-path.xml": "relative link",
    # … and otherwise
    "atom/4.1.3.1/type-text-html.xml": "text/html is a warning there, HtmlFragment",
    "rss/must/valid_dc_all2.xml": "the image's link differs, a warning there",
    "rss20/data-types-email/mailto-subject.xml": "mailto: in an author",
    "atom/4.2.11/missing-self.xml": "of a source; the feed itself has none either",
    # ours is laxer: a summary in plain text may quote code, a title may speak of an entity
    "atom/2/infoset-cdata.xml": "HTML inside a summary",
    "atom/4.1.3.3/content-no-type-escaped-html.xml": "HTML inside a text",
    "atom/4.2.10/rights-text-with-escaped-html.xml": "&copy; in a text",
    "atom/must/entry_content_not_html.xml": "HTML without a tag",
    "atom/must/entry_content_not_text_plain_2.xml": "HTML inside a text",
    "atom/must/entry_summary_not_text_plain.xml": "HTML inside a summary",
    "atom/must/entry_summary_not_text_plain2.xml": "HTML inside a summary",
    "rss20/data-types-characterdata/amp-decimal.xml": "a lone & in RSS",
    "rss20/data-types-characterdata/amp-name.xml": "a lone & in RSS",
    "rss/should/html_in_channel_category.xml": "a lone entity in RSS",
    "rss/should/html_in_item_category.xml": "a lone entity in RSS",
    "rss20/element-channel-item-title/html_in_item_title.xml": "a lone entity in RSS",
    "atom/3.1.1.3/bogus_mathml_element.xml": "unknown elements in XHTML",
    "atom/4.1.3.3/content-xhtml-escaped.xml": "escaped HTML in XHTML",
    "atom/4.2.12/subtitle-blank.xml": "an empty subtitle",
    "rss20/data-types-datetime/pubdate_with_diff_min.xml": "zones such as +0530, which India has",
    "atom/must/unknown_element_in_known_namespace.xml": "elements of other namespaces",
    # another message for the same
    "atom/6.1/invalid-namespace.xml": "not well-formed",
    "atom/must/feed_missing.xml": "not well-formed",
}


def lines(found: list[Finding]) -> list[str]:
    """As in the file beside a case; what a parser says of broken syntax differs by its version."""
    texts = (
        ("warning: " if finding.severity == "warning" else "")
        + (f"{finding.entry}: " if finding.entry else "")
        + finding.message
        for finding in found
    )
    return [re.sub(r"^(not well-formed|not JSON): .*;", r"\1;", text) for text in texts]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_fault_gives_exactly_these_findings(case: Path, expected: Expected) -> None:
    actual = listed(lines(findings(case.name, case.read_bytes())))

    assert expected(case.with_suffix(".txt"), actual) == actual


def test_a_good_case_has_no_finding_and_a_bad_one_has_one() -> None:
    counts = {case: len(case.with_suffix(".txt").read_text(encoding="utf-8").splitlines()) for case in CASES}

    assert [case for case, count in counts.items() if count != (not case.stem.startswith("good"))] == []
    assert sum(counts.values()) >= 60


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.relative_to(HERE / "golden").as_posix())
def test_what_we_make_has_no_findings(path: Path) -> None:
    assert findings(path.name, path.read_bytes()) == []


EXPECTED = re.compile(r"<!--\s*Description:\s*.*?\s*Expect:\s*(!?)(\w*)(?:{(.*?)})?\s*-->", re.DOTALL)


def w3c_cases() -> list[Path]:
    """The W3C's feeds about Atom, RSS 2.0, archives, OPML and XML, as far as we have the rule."""
    folders = ("atom", "ext/fh", "opml", "rss", "rss20", "xml")
    return sorted(
        path
        for folder in folders
        for path in (W3C / folder).rglob("*")
        if path.suffix in {".xml", ".opml"}
        and (expected := EXPECTED.search(path.read_text(encoding="utf-8", errors="replace")))
        and expected[2] in RULES
        and not NOT_OURS.search(path.name)
    )


def agrees(path: Path) -> bool:
    """Whether we see what the W3C's validator must see, and not what it must not."""
    expected = EXPECTED.search(path.read_text(encoding="utf-8", errors="replace"))
    assert expected
    negated, name, parameters = expected.groups()
    element = dict(pair.strip().split(":", 1) for pair in (parameters or "").split(",") if ":" in pair).get(
        "element", ""
    )
    said = re.compile(RULES[name].replace("{element}", re.escape(element)))
    seen = [one.message for one in findings(path.name, path.read_bytes()) if said.search(one.message)]
    if name == "Error":
        seen = [message for message in seen if not HOUSE.search(message)]
    return bool(seen) != (bool(negated) or name.startswith("Valid"))


@pytest.mark.skipif(not W3C.is_dir(), reason="the W3C's test feeds are not here: ../shared/w3c-testcases")
def test_we_agree_with_the_w3c_where_we_have_the_rule() -> None:
    cases = w3c_cases()

    assert {path.relative_to(W3C).as_posix() for path in cases if not agrees(path)} == set(APART)
    assert len(cases) == 486


NAMES = st.sampled_from(["atom.xml", "feed.json", "feeds.opml"])
PIECES = [piece for path in CASES if path.stem == "good" for piece in re.findall(rb"<[^>]*>|[^<>]+", path.read_bytes())]


@given(NAMES, st.binary())
def test_no_bytes_make_it_raise(name: str, data: bytes) -> None:
    for finding in findings(name, data):
        finding.message.encode()


@given(NAMES, st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=60))
def test_no_mixture_of_good_pieces_makes_it_raise(name: str, pieces: list[bytes]) -> None:
    findings(name, b"".join(pieces))


KEYS = re.findall(
    r"\w+",
    "version title items id url content_html tags authors name author hubs type attachments next_url feed_url language "
    "summary date_published image _x x expired",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.sampled_from(["https://", "_a", "2026-01-01T"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
)


@given(VALUES)
def test_no_json_makes_it_raise(value: object) -> None:
    for finding in findings("feed.json", json.dumps(value).encode()):
        finding.message.encode()


@given(st.binary(max_size=8), st.integers(0, 10**6), st.sampled_from([path for path in CASES if path.stem == "good"]))
def test_a_good_document_with_a_hole_does_not_make_it_raise(hole: bytes, place: int, case: Path) -> None:
    data = case.read_bytes()
    place %= len(data)
    findings(case.name, data[:place] + hole + data[place + len(hole) :])


@pytest.mark.parametrize(
    "piece", ["<b>", "<", "<a ", '<a "', '<b y=\'" z="', "<a x ", "a", "&lt;", "</a", "<!--", " href= "]
)
def test_odd_html_takes_no_longer_than_its_length(piece: str) -> None:
    """Half a megabyte: with an expression that goes back over what it has read, this would not end."""
    item = {
        "id": "1",
        "title": piece * 9,
        "content_html": piece * (500_000 // len(piece)),
        "url": "https://" + piece * 99,
    }

    findings("feed.json", json.dumps({"items": [item]}).encode())


def test_entities_are_not_followed() -> None:
    inner = b"".join(b'<!ENTITY a%d "%s">' % (level + 1, b"&a%d;" % level * 10) for level in range(12))
    bomb = b'<!DOCTYPE rss [<!ENTITY a0 "aaaaaaaaaa">%s]><rss version="2.0" x="&a12;">&a12;</rss>' % inner

    assert lines(findings("rss.xml", bomb)) == ["not well-formed; XML 1.0 section 2.1"]


def test_json_nested_too_deep_is_a_finding() -> None:
    assert lines(findings("feed.json", b"[" * 100_000)) == ["nested too deeply; RFC 8259 section 9"]
