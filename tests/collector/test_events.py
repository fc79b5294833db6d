# SPDX-License-Identifier: GPL-2.0-or-later
"""Whoever listens hears of every report, once and in order."""
import json
import threading

from conftest import Collector, command, make_report

BOTH_STORES = True


class Listener:
    def __init__(self, collector, path="/v1/events", last=None):
        self.connection = collector.connect(timeout=20)
        self.connection.request("GET", path, headers={} if last is None else {"Last-Event-ID": str(last)})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.begin = int(self.answer.readline().decode().removeprefix("id: "))
        assert self.answer.readline() == b"\n"

    def next(self):
        """(id, event, data) of the next event; None at the end of the stream."""
        fields = {}
        while True:
            line = self.answer.readline().decode()
            if line == "":
                return None
            if line == "\n" and fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            if name and name != ":":
                fields[name] = value


def test_events_come_as_reports_do(collector):
    collector.post(make_report("before"))
    listener = Listener(collector)  # hears all that comes from here on
    for name, verdict in (("a", "ready"), ("a", "ready"), ("a", "degraded")):
        collector.post(make_report(name, verdict=verdict))
    heard = [listener.next() for _ in range(3)]
    assert [(event, data["verdict"]) for _, event, data in heard] == \
        [("change", "ready"), ("report", "ready"), ("change", "degraded")]
    again = Listener(collector, last=heard[0][0])
    assert [again.next()[0], again.next()[0]] == [heard[1][0], heard[2][0]]


def test_who_heard_nothing_before_a_break_goes_on_too(collector):
    listener = Listener(collector)
    collector.post(make_report("a"))
    assert Listener(collector, last=listener.begin).next() == listener.next()


def test_a_long_absence_is_made_up_for(collector):
    sent = [collector.post(make_report(f"g{i}"))[1]["id"] for i in range(250)]
    listener = Listener(collector, last=1)
    assert [listener.next()[2]["report"] for _ in range(249)] == sent[1:]


def test_filters_and_mistakes(collector):
    listener = Listener(collector, "/v1/events?verdict=not-ready")
    collector.post(make_report("a"))
    collector.post(make_report("b", verdict="not-ready"))
    assert listener.next()[2]["hostname"] == "b"
    assert collector.ask("/v1/events?verdict=x")[0] == 400
    assert collector.ask("/v1/events", headers={"Last-Event-ID": "x"})[0] == 400


def test_what_another_process_adds_is_heard_too(collector, store, tmp_path):
    listener = Listener(collector)
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/r.json").write_text(json.dumps(make_report("carried")))
    command("import", tmp_path / "stick", store=store)
    assert listener.next()[2]["hostname"] == "carried"


def test_many_listeners_and_an_end_in_peace(store):
    running = Collector(store)
    listeners = [Listener(running) for _ in range(50)]
    for gone in listeners[:25]:
        gone.connection.sock.close() if gone.connection.sock else gone.answer.close()
    stop = threading.Event()

    def load():
        while not stop.is_set():
            running.post(make_report("g"))
    thread = threading.Thread(target=load)
    thread.start()
    ids = [[listener.next()[0] for _ in range(20)] for listener in listeners[25:]]
    stop.set()
    thread.join()
    assert all(row == list(range(row[0], row[0] + 20)) for row in ids)
    assert running.end() == (0, "")
    while listeners[-1].next():
        pass
