"""Why a report failed, without the inside of the server."""

import pytest

from oppnb.lab.places import Root
from oppnb.lab.reasons import reason_for_reader
from oppnb.locale import Words


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_no_path_of_the_server_and_no_class_of_ours_is_told(tmp_path, locale):
    words, root = Words(locale), Root(tmp_path)
    said = (
        f"The report failed in cell In [3].\n  NothingToReadError: There is nothing at 'gone'. '{tmp_path}' has none.\n"
        f"The notebook is in {tmp_path}/client/reports/x/failed/y; see (/opt/venv/lib/x.py)."
    )
    lead = "所指位置没有可读取的数据。" if locale == "zh_CN" else ""
    assert reason_for_reader(said, root, words) == (
        lead
        + "The report failed in cell In [3].\n  There is nothing at 'gone'. '"
        + words("lab.root_folder")
        + "' has none.\n"
        "The notebook is in client/reports/x/failed/y; see (…/x.py)."
    )


def test_addresses_amounts_and_errors_of_python_stay(tmp_path):
    said = "KeyError: 'a/b' of https://example.test/x/y, 3/4 n/a ${HOME}/x; and/or"
    assert reason_for_reader(said, Root(tmp_path), Words("en")) == said


def test_a_reader_of_chinese_is_told_in_chinese_where_it_stopped_and_what_kind_of_mistake_it_is(tmp_path):
    said = "The report 'one_on_one' failed in cell 'open'.\nCurrencyError: There is no exchange rate for USD."
    told = reason_for_reader(said, Root(tmp_path), Words("zh_CN")).splitlines()
    assert told[0].startswith("金额有多种币种，缺少汇率")
    assert told[0].endswith("报告“one_on_one”在单元格 'open' 处失败。")
    assert told[1] == "There is no exchange rate for USD."
    assert reason_for_reader(said, Root(tmp_path), Words("en")).splitlines()[0] == said.splitlines()[0]
