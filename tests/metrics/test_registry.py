"""The registry: every metric and variant has names, definitions, a unit and a direction, in both languages."""

import pytest

from oppnb.errors import UsageError
from oppnb.locale import LOCALES, Words
from oppnb.metrics import METRICS, definitions_frame, describe, measure
from oppnb.metrics.needs import Need
from tests.metric_frames import make_inputs

EVERY = [(metric, variant) for metric in METRICS.values() for variant in metric.variants]
IDS = [f"{metric.id}.{variant.id}" for metric, variant in EVERY]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("metric", "variant"), EVERY, ids=IDS)
def test_every_variant_has_a_name_a_definition_a_unit_and_a_direction(metric, variant, locale) -> None:
    words = Words(locale)
    for text in (metric.name(words), metric.definition(words)):
        assert text.strip()
    assert metric.name(words, variant=variant.id).strip()
    assert metric.definition(words, variant=variant.id).strip()
    assert words(f"metric_unit.{metric.unit_of(variant)}")
    assert words(f"metric_better.{metric.better_of(variant)}")


@pytest.mark.parametrize("subject", ["metric", "metric_definition"])
@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogue_names_no_metric_that_is_not_there(subject: str, locale: str) -> None:
    from oppnb.locale.words import _catalogue

    keys = {key.removeprefix(f"{subject}.") for key in _catalogue(locale) if key.startswith(f"{subject}.")}
    assert keys == {metric.id for metric, _ in EVERY} | set(IDS)


def test_definitions_in_chinese_are_in_chinese() -> None:
    for metric in METRICS.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in metric.definitions["zh_CN"]), metric.id
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in metric.definitions["en"]), metric.id


@pytest.mark.parametrize(("metric", "variant"), EVERY, ids=IDS)
def test_variants_are_unique_and_say_in_both_languages_what_they_lack(metric, variant) -> None:
    assert [other.id for other in metric.variants].count(variant.id) == 1
    assert all(Need(frame).text(Words(locale)) for frame in variant.needs for locale in LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_printed_definition_names_every_variant_and_the_source(locale: str) -> None:
    text = describe("win_rate", Words(locale))
    assert METRICS["win_rate"].names[locale] in text
    assert all(variant.id in text for variant in METRICS["win_rate"].variants)
    assert "Wilson" in text


def test_one_row_a_variant_in_the_definitions() -> None:
    frame = definitions_frame(Words("en"))
    assert len(frame) == len(EVERY)
    assert frame.groupby("metric")["is_default"].sum().eq(1).all()


def test_a_misspelt_metric_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'win_rate'"):
        measure("winrate", make_inputs({}))


def test_a_misspelt_variant_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="remaining, whole_target, required"):
        measure("coverage", make_inputs({}), variant="whole")
