# SPDX-License-Identifier: GPL-2.0-or-later
"""What the other tests rest on: made-up reports are reports, and the watch over the browser sees."""
import json
from pathlib import Path

import fleet
import jsonschema
from waiting import wait_until

SCHEMAS = {path.name: json.loads(path.read_text()) for path in (Path(__file__).parents[2] / "schema").iterdir()}


def test_made_up_reports_are_valid():
    schema = SCHEMAS["report.schema.json"]
    validator = jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver("", schema, store=SCHEMAS))
    reports = [guest.report() for guest in fleet.make(300)]
    for report in reports:
        validator.validate(report)
    assert {report["verdict"] for report in reports} == {"ready", "degraded", "not-ready", "indeterminate"}
    assert len({report["id"] for report in reports}) == len(reports)


def test_the_watch_hears_what_a_page_must_not_do(site):
    page = site.start()
    page.visit("/")
    site.check()
    page.evaluate("""(() => {
        const script = document.createElement("script");
        script.textContent = "alert(1)";
        document.body.append(script);
        const image = document.createElement("img");
        image.src = "http://192.0.2.1/x";
        document.body.append(image);
    })()""")
    for word in ("inline script", "192.0.2.1"):
        wait_until(lambda: word in " ".join(page.heard()["console"]))
    site.start().visit("/")
