"""What is said of a client: checked, asked for again when it cannot be, never guessed in silence."""

import pytest

from oppnb.errors import ParameterError, UsageError
from oppnb.projects import QUESTIONS, Question, check_answer, complete_answers, parse_answers

WRONG = {
    "currency": ("RMBX", "no currency 'RMBX'"),
    "fiscal_year_start": ("13", "1 to 12"),
    "time_zone": ("Asia/Shangai", "Asia/Shanghai"),
    "source": ("salesforc", "salesforce"),
    "processes": ("sales=hubspt", "hubspot"),
    "name": ("two\nlines", "one line"),
    "locale": ("fr", "Use en or zh_CN"),
    "curency": ("CNY", "Did you mean 'currency'"),
}


@pytest.mark.parametrize(("key", "value", "said"), [(key, *both) for key, both in WRONG.items()])
def test_an_answer_that_cannot_be_is_refused_with_the_nearest_right_one(key: str, value: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_answer(key, value)


def test_each_question_is_asked_once_in_the_clients_language_and_asked_again_when_the_answer_cannot_be() -> None:
    typed = {"locale": ["zh"], "currency": ["nonsense", "cny"], "source": ["fxiaoke"]}
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return typed.get(question.key, [question.default]).pop(0)

    answers = complete_answers({"name": "某公司"}, folder="client-a", ask=ask)
    assert [question.key for question in asked if not question.mistake] == [key for key in QUESTIONS if key != "name"]
    assert [question.key for question in asked if question.mistake] == ["currency"]
    assert (answers.locale, answers.currency, answers.name, answers.source) == ("zh_CN", "CNY", "某公司", "fxiaoke")
    assert "币种" in next(question.text for question in asked if question.key == "currency")


def test_stages_are_the_crms_own_where_it_has_a_preset_and_the_datas_otherwise() -> None:
    assert complete_answers({"source": "hubspot"}, folder="a").processes == {"sales": "hubspot"}
    assert complete_answers({"source": "zoho"}, folder="a").processes == {}


def test_a_chinese_client_has_chinese_defaults() -> None:
    answers = complete_answers({"locale": "zh_CN"}, folder="a")
    assert (answers.currency, answers.time_zone) == ("CNY", "Asia/Shanghai")


def test_answers_from_a_file_may_name_processes_as_a_mapping() -> None:
    assert parse_answers("processes: {新签: salesforce, 续约: lead_to_closed}")["processes"] == {
        "新签": "salesforce",
        "续约": "lead_to_closed",
    }


@pytest.mark.parametrize("text", ["- a", "a: [", "just text"])
def test_a_file_of_answers_that_holds_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_answers(text)


def test_data_stands_alone_among_processes() -> None:
    with pytest.raises(ParameterError, match="stands alone"):
        check_answer("processes", "a=data, b=hubspot")


def test_who_stops_at_a_question_is_not_asked_again() -> None:
    def stop(question: Question) -> str:
        raise UsageError("Stopped.")

    with pytest.raises(UsageError, match="Stopped"):
        complete_answers({}, folder="a", ask=stop)
