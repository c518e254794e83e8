"""Delimited text: delimiters, headers, quotes and ragged rows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import DataError, NothingToReadError
from oppnb.sources.dialect import find_dialect
from oppnb.sources.files import find_files, read_raw, read_with_problems
from tests.sources.files.exports import DEALS, delimited, write


def read(path):
    (file,) = find_files(path)
    return read_with_problems(file)


def rules(raw):
    return {problem.rule: problem.rows.tolist() for problem in raw.problems}


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\ufeff"), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.lists(CELL | st.sampled_from(["a\nb", 'say "hi"', "x;y", "1,5", "\t", "007", "NA"]), min_size=3, max_size=3),
        min_size=1,
        max_size=12,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_gives_back_every_cell_that_was_written(tmp_path_factory, rows, delimiter, line_end):
    named = [["id", "name", "note"], *([str(n), *row[1:]] for n, row in enumerate(rows))]
    path = tmp_path_factory.mktemp("law") / "deals.csv"
    raw = read(
        write(path, delimited([*named, ["x", "y", "z"], ["x", "y", "z"]], delimiter=delimiter, line_end=line_end))
    )
    expected = [[cell or None for cell in row] for row in named[1:]]
    found = raw.frame.astype("object").where(raw.frame.notna(), None).to_numpy().tolist()[:-2]
    assert raw.problems == ()
    assert [row[0] for row in found] == [row[0] for row in expected]
    assert [[_ended(cell, line_end) for cell in row] for row in found] == [
        [_ended(c, line_end) for c in r] for r in expected
    ]


def _ended(cell, line_end):
    return cell if cell is None else cell.replace(line_end, "\n").lstrip(" ")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=30))
def test_never_loses_a_row_however_ragged(tmp_path_factory, widths):
    path = tmp_path_factory.mktemp("law") / "deals.csv"
    rows = [["id", "b", "c", "d"], *([f"r{n}", *["x"] * (width - 1)] for n, width in enumerate(widths))]
    raw = read(write(path, "\n".join(",".join(row) for row in rows) + "\n"))
    assert raw.frame.iloc[:, 0].tolist() == [f"r{n}" for n in range(len(widths))]
    assert int(raw.frame.notna().to_numpy().sum()) == sum(widths)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter_and_keeps_ids_and_words_for_nothing(tmp_path, delimiter):
    raw = read(write(tmp_path / "deals.csv", delimited(DEALS, delimiter=delimiter)))
    assert raw.frame.astype("object").where(raw.frame.notna(), None).to_numpy().tolist() == [
        ["007", "Demo", "12.50"],
        ["1e5", "NA", None],
        ["42", "None", "null"],
    ]
    assert set(map(str, raw.frame.dtypes)) == {"str"}


def test_takes_a_semicolon_over_decimal_commas():
    assert find_dialect("name;amount;share\nA, B;1,5;2,5\nC, D;3,5;4,5\n").delimiter == ";"


def test_reads_a_single_column_whose_texts_hold_commas(tmp_path):
    raw = read(write(tmp_path / "stages.csv", "stage\nDemo\nWon, paid\nLost\nOpen\n"))
    assert raw.frame.to_numpy().tolist() == [["Demo"], ["Won, paid"], ["Lost"], ["Open"]]


def test_heeds_the_separator_line_that_excel_writes(tmp_path):
    raw = read(write(tmp_path / "deals.csv", "sep=;\r\nid;amount\r\n1;2\r\n"))
    assert raw.frame.to_dict("list") == {"id": ["1"], "amount": ["2"]}


def test_passes_over_title_lines(tmp_path):
    text = "Pipeline report 2024\nMade on 1 May,,\n\nid,stage,amount\n1,Demo,5\n2,Won,6\n3,Won,7\n"
    raw = read(write(tmp_path / "deals.csv", text))
    assert list(raw.frame.columns) == ["id", "stage", "amount"]
    assert len(raw.frame) == 3


def test_numbers_double_and_blank_headers_and_drops_empty_columns_at_the_end(tmp_path):
    (file,) = find_files(write(tmp_path / "deals.csv", "id, Amount ,Amount,,note,,\n1,2,3,4,x,,\n5,6,7,8,y,,\n"))
    assert file.columns == ("id", "Amount", "Amount_2", "column_4", "note")
    assert list(read_raw(file).columns) == list(file.columns)


def test_keeps_a_column_without_header_whose_first_value_comes_late(tmp_path):
    text = "id,stage,\n" + "".join(f"{n},Demo,\n" for n in range(40_000)) + "x,Demo,late\n"
    frame = read(write(tmp_path / "deals.csv", text)).frame
    assert frame["column_3"].dropna().tolist() == ["late"]


@pytest.mark.parametrize(
    "text",
    [
        "1\t274\t2011-05-31 00:00:00\t28000\n2\t275\t2011-08-31 00:00:00\t7000\n",
        "1,5,7\n2,6,8\n",
        "{99109BBF-8693-4587-BC23-6036EC89E1BE},a\n{8900461C-8D6F-4598-9AE0-1CD71BEC1E45},b\n",
    ],
)
def test_sees_that_there_is_no_header(tmp_path, text):
    frame = read(write(tmp_path / "quota.csv", text)).frame
    assert frame.columns[0] == "column_1"
    assert len(frame) == 2


@pytest.mark.parametrize("text", ["region,2016,2017\nEast,5,6\n", "2016,2017\n5,6\n", "id,name\n1,x\n", "a,b\nc,d\n"])
def test_does_not_take_a_header_for_data(text):
    assert find_dialect(text).layout.has_header


def test_pads_short_rows_and_keeps_long_ones_and_reports_both(tmp_path):
    raw = read(write(tmp_path / "deals.csv", "id,stage,amount\n1,Demo,5\n2,Won\n3,Won,7,extra\n4,Lost,8\n"))
    assert raw.frame["id"].tolist() == ["1", "2", "3", "4"]
    assert raw.frame["column_4"].dropna().tolist() == ["extra"]
    assert rules(raw) == {"row_has_a_cell_for_every_column": [1], "row_has_no_more_cells_than_the_header": [2]}


def test_forgives_quotes_inside_cells_and_mixed_line_ends(tmp_path):
    raw = read(write(tmp_path / "deals.csv", 'id,name\r\n1,5" pipe\n2,"Acme" Ltd\r\n3,"a\nb"\n'))
    assert raw.frame["id"].tolist() == ["1", "2", "3"]
    assert raw.frame["name"].tolist() == ['5" pipe', "Acme Ltd", "a\nb"]


def test_reads_quotes_escaped_by_backslashes(tmp_path):
    raw = read(write(tmp_path / "deals.csv", 'id,name\n1,"the \\"big\\" one, again"\n2,"x"\n'))
    assert raw.frame["name"].tolist() == ['the "big" one, again', "x"]


def test_names_the_line_of_a_quote_that_is_never_closed(tmp_path):
    path = write(tmp_path / "deals.csv", 'id,name\n1,x\n2,"cut in the mid')
    with pytest.raises(DataError, match=r"'deals.csv' is being written; try again.*line 3"):
        read(path)


def test_reads_cells_longer_than_pythons_limit(tmp_path):
    long = "x" * 200_000
    raw = read(write(tmp_path / "deals.csv", f'id,note\n1,"{long}"\n2,y,z\n'))
    assert raw.frame["note"].str.len().tolist() == [200_000, 1]


def test_leaves_out_rows_without_a_value(tmp_path):
    frame = read(write(tmp_path / "deals.csv", "id,name\n1,x\n,\n\n2,y\n,\n")).frame
    assert frame["id"].tolist() == ["1", "2"]
    assert frame.index.tolist() == [0, 1]


def test_reads_paths_that_look_like_patterns(tmp_path):
    path = write(tmp_path / "export [1] it's * new?.csv", "id,name\n1,x\n")
    write(tmp_path / "export 1 it's a newx.csv", "id,name\n2,y\n")
    assert read(path).frame["id"].tolist() == ["1"]


@pytest.mark.parametrize("text", ["", "\n\n", "id,name\n", "id,name", "\ufeff", "\ufeffid,name\r\n", ",,\n"])
def test_says_that_there_is_nothing_to_read(tmp_path, text):
    path = write(tmp_path / "deals.csv", text)
    with pytest.raises(NothingToReadError, match="nothing to read"):
        find_files(path)


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\xff" * 500, b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7\n1 0 obj", b"PK\x03\x04abc"]
)
def test_refuses_binary_data_under_the_name_of_a_text(tmp_path, raw):
    with pytest.raises(DataError, match="does not hold text"):
        find_files(write(tmp_path / "deals.csv", raw))


@pytest.mark.parametrize(
    "text", ["<html><body>Log in</body></html>", "\n<!DOCTYPE html>\n<p>a,b</p>", "<?xml version='1.0'?>\n<a/>"]
)
def test_refuses_a_web_page_under_the_name_of_a_text(tmp_path, text):
    with pytest.raises(DataError, match="a web page or XML"):
        find_files(write(tmp_path / "deals.csv", text))
