"""Which encoding a text is in."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import DataError
from oppnb.sources.files import find_files, read_raw, read_with_problems
from oppnb.sources.legacy_encodings import guess_legacy
from tests.sources.files.exports import delimited, write

CHINESE = [
    ["商机编号", "商机名称", "阶段", "预计成交金额", "负责人"],
    ["001", "上海华信科技有限公司-服务器采购", "方案报价", "¥120,000", "王小明"],
    ["002", "深圳市腾飞物流", "赢单", "3.5万", "李娜"],
]
WESTERN = [
    ["Verkaufschance", "Kunde", "Größe", "Straße", "Zuständig"],
    ["1", "Müller & Söhne GmbH", "groß", "Königsallee 5", "Jürgen Groß"],
    ["2", "Café Français", "petit", "Rue de l’Église", "Zoë Lefèvre"],
]
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rows", [CHINESE, WESTERN], ids=["chinese", "western"])
def test_reads_the_same_rows_from_every_encoding(tmp_path, encoding, rows):
    if encoding == "gb18030" and rows is WESTERN:
        encoding = "cp1252"
    text = delimited(rows)
    raw = text.encode(encoding)
    if encoding in ("utf-16-le", "utf-16-be"):
        bom = codecs.BOM_UTF16_LE if encoding.endswith("le") else codecs.BOM_UTF16_BE
        raw = bom + raw
    (file,) = find_files(write(tmp_path / "deals.csv", raw))
    frame = read_raw(file)
    assert list(file.columns) == rows[0] == list(frame.columns)
    assert frame.to_numpy().tolist() == rows[1:]


@pytest.mark.parametrize(
    "text",
    [
        "编号,名称\n1,甲\n",
        "是否赢单\n是\n否\n",
        "客户,金额\nIBM中国,5\n",
        "负责人\n喆堃\n王喆\n",
        "阶段,备注\n赢单,客户说：“好的”\n",
        "Kunde,姓名\nAcme,王芳\n",
        "name\n重庆\n",
    ],
)
def test_knows_short_chinese_texts(text):
    assert guess_legacy(_high_lines(text.encode("gb18030"))) == "gb18030"


@pytest.mark.parametrize(
    "text",
    [
        "Kunde,Wert\nMüller,5\n",
        "client,étape\nSociété Générale,gagné\n",
        "cliente,cidade\nJoão,São Paulo\n",
        "nombre\nPEÑÓN\nIbáñez\n",
        "ÄÖÜ\nGröße\n",
        "name,price\nAcme,£5\nBeta,5 €\n",
        "note\nDon’t call – “ask” first…\n",
        "by\nKøbenhavn\nÅrhus\nMalmö\n",
        "naïve\nfaçade\n",
        "Straße\nAußendienst\nFuß\n",
    ],
)
def test_knows_short_western_texts(text):
    assert guess_legacy(_high_lines(text.encode("cp1252"))) == "cp1252"


def _high_lines(raw: bytes) -> bytes:
    return b"\n".join(line for line in raw.splitlines() if not line.isascii())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from("赢单商机客户金额阶段李王张公司上海北京合同报价跟进"), min_size=2, max_size=8),
        min_size=2,
    )
)
def test_never_takes_common_chinese_for_western(names):
    assert guess_legacy("\n".join(names).encode("gb18030")) == "gb18030"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[A-Z][a-z]{1,6}[äöüéèñçàø][a-z]{1,6}( [A-Z][a-z]{2,8})?", fullmatch=True),
        min_size=1,
        max_size=20,
    )
)
def test_never_takes_western_names_for_chinese(names):
    assert guess_legacy("\n".join(names).encode("cp1252")) == "cp1252"


def test_finds_other_encodings_with_charset_normalizer(tmp_path):
    rows = "компания,город\n" + "Газпром нефть,Санкт-Петербург\nРосатом,Москва\nСбербанк России,Казань\n" * 5
    (file,) = find_files(write(tmp_path / "deals.csv", rows, encoding="cp1251"))
    assert list(read_raw(file).columns) == ["компания", "город"]


def test_keeps_utf_8_when_a_single_field_was_cut_within_a_character(tmp_path):
    lines = [f"{n},商机{n}" for n in range(30)]
    raw = "\n".join(["id,name", *lines]).encode() + "\n30,商".encode()[:-1] + b"\n31,x\n"
    (file,) = find_files(write(tmp_path / "deals.csv", raw))
    read = read_with_problems(file)
    assert file.encoding == "utf-8"
    assert len(read.frame) == 32
    assert [(problem.rule, problem.rows.tolist()) for problem in read.problems] == [("text_is_whole", [30])]


def test_sees_characters_that_come_late_in_a_long_file(tmp_path):
    text = "id,name\n" + "".join(f"{n},plain\n" for n in range(150_000)) + "x,商机名称\n"
    (file,) = find_files(write(tmp_path / "deals.csv", text, encoding="gb18030"))
    assert file.encoding == "gb18030"
    assert read_raw(file)["name"].iloc[-1] == "商机名称"


def test_says_that_a_file_cut_within_a_character_is_being_written(tmp_path):
    path = write(tmp_path / "deals.csv", "id,name\n1,商机".encode()[:-1])
    with pytest.raises(DataError, match="is being written; try again"):
        find_files(path)
