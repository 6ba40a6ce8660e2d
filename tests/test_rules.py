"""Every rule is run on the sentences that it carries."""

from __future__ import annotations

from importlib import resources

import pytest

from extractors.rules import Rule, RuleError, load_rules
from extractors.sentence import document
from pipeline.records import Article, Block

FILES = sorted(
    path.name.removesuffix(".yml")
    for path in resources.files("extractors").joinpath("rules").iterdir()
    if path.name.endswith(".yml") and path.name not in {"words.yml", "columns.yml"}
)
RULES = [(name, rule) for name in FILES for rule in load_rules(name)]
EXAMPLES = [pytest.param(rule, text, id=f"{rule.id}: {text[:40]}") for _, rule in RULES for text in rule.matches]
COUNTEREXAMPLES = [pytest.param(rule, text, id=f"{rule.id}: {text[:40]}") for _, rule in RULES for text in rule.rejects]


def _finds(rule: Rule, text: str) -> bool:
    article = Article("x", "x", "Long An", "", "", "2021-03-01", "text", None, (Block("paragraph", text),))
    return any(
        next(rule.find(copy), None) is not None
        for sentence in document(article).sentences
        for copy in (sentence.masked, sentence.folded)
    )


@pytest.mark.parametrize(("rule", "text"), EXAMPLES)
def test_a_rule_finds_its_sentences(rule: Rule, text: str) -> None:
    assert _finds(rule, text)


@pytest.mark.parametrize(("rule", "text"), COUNTEREXAMPLES)
def test_a_rule_leaves_what_it_rejects(rule: Rule, text: str) -> None:
    assert not _finds(rule, text)


def test_ids_are_unique_over_all_files() -> None:
    ids = [rule.id for _, rule in RULES]
    assert len(ids) == len(set(ids))


def test_an_unknown_rules_file_is_named() -> None:
    with pytest.raises((RuleError, FileNotFoundError), match="nowhere"):
        load_rules("nowhere")
