from oppnb.reports.redacting import redact, redact_tree


def test_takes_passwords_out_of_addresses_and_assignments():
    said = redact("could not connect to postgresql://ann:pw1@db/crm; api_key='pw2', Token: pw3")
    assert not {"pw1", "pw2", "pw3"} & set(said.replace("'", " ").replace("@", " ").replace(":", " ").split())


def test_takes_values_of_secret_environment_variables_out(monkeypatch):
    monkeypatch.setenv("CRM_TOKEN", "s3cr3t-value")
    assert redact_tree({"traceback": ["bad s3cr3t-value here"]}) == {"traceback": ["bad *** here"]}


def test_leaves_other_text_alone():
    assert redact("3 of 10 rows break amount_is_positive: 006A1") == "3 of 10 rows break amount_is_positive: 006A1"
