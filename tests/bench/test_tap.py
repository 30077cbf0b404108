"""What is read out of the recorded commands of a daemon."""
import pytest
from tap import Recording, Tap, commands_of, kinds_of, octets_of, without


def packed(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


SET, CLAIM, MARK = packed(b"set", b"k", b"\r\n*1\r\n$4\r\n"), packed(b"FCALL", b"x_claim", b"0"), packed(b"FCALL", b"x_mark", b"0")


def test_commands_come_out_as_they_were_said():
    commands = commands_of(SET + CLAIM + MARK)
    assert [words for words, _ in commands] == [[b"set", b"k", b"\r\n*1\r\n$4\r\n"], [b"FCALL", b"x_claim", b"0"], [b"FCALL", b"x_mark", b"0"]]
    assert octets_of(commands) == SET + CLAIM + MARK


def test_a_last_command_that_is_not_whole_is_left_out():
    for cut in range(1, len(MARK)):
        assert octets_of(commands_of(CLAIM + MARK[:cut])) == CLAIM


def test_what_begins_as_no_command_is_said():
    with pytest.raises(ValueError, match=f"octet {len(CLAIM)}"):
        commands_of(CLAIM + b"PING\r\n")


def test_functions_are_told_apart_by_their_names():
    said = commands_of(SET + CLAIM + MARK + CLAIM)
    idle = kinds_of(commands_of(CLAIM + packed(b"time")))
    assert octets_of(without(said, idle)) == SET + MARK
    assert octets_of(without(said, kinds_of(commands_of(SET)))) == CLAIM + MARK + CLAIM


def test_a_recording_is_read_from_where_it_was_read_before(tmp_path, monkeypatch):
    record = tmp_path / "record"
    record.write_bytes(SET)
    recording = Recording(record)

    def say(octets):
        record.write_bytes(record.read_bytes() + octets)

    monkeypatch.setattr("time.sleep", lambda seconds: say(CLAIM))
    assert octets_of(recording.start) == SET
    say(MARK)
    assert octets_of(recording.part()) == MARK
    recording.be_idle()
    say(CLAIM + MARK + SET)
    assert octets_of(recording.caused()) == MARK + SET
    assert recording.part() == []


def test_commands_of_two_connections_are_not_mixed(tmp_path):
    """Each is cut in the middle of a command when the other speaks."""
    tap = Tap(str(tmp_path / "tap"), "nowhere", str(tmp_path / "record"))
    cut = len(SET) + 5
    first = tap.keep((SET + MARK)[:cut])
    second = tap.keep((MARK + SET)[:7])
    assert tap.keep(first + (SET + MARK)[cut:]) == tap.keep(second + (MARK + SET)[7:]) == b""
    assert (tmp_path / "record").read_bytes() == SET + MARK + MARK + SET
    tap.server.close()
