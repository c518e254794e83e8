"""A small export with a header that is no canonical one, and a workspace file with comments."""

EVIL = "<img src=x onerror=window.hacked=1>"
DEALS = f"""Deal ID,Phase,Worth,Opened,Ended,Region,{EVIL}
007,Demo,1200,2025-01-02,,{EVIL},a
008,Won,900,2025-01-05,2025-02-01,West,b
009,Demo,,2025-01-07,,West,c
"""
WORKSPACE = "# kept by the sales office\nversion: 1\ncurrency: EUR # agreed\n"


def write_export(folder):
    """`deals.csv` and `oppnb.yaml` in a folder; gives the file of the workspace."""
    (folder / "export").mkdir()
    (folder / "export" / "deals.csv").write_text(DEALS, encoding="utf-8")
    file = folder / "oppnb.yaml"
    file.write_text(WORKSPACE, encoding="utf-8")
    return file
