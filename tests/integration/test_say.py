"""SAY: every refusal is a sentence for the person, in the person's language, with its figures in words; STATUS says what happened."""
import os
import re

import pytest
from rig import ROOT, wait_until, wrong

OFTEN = ("# equal_window_s = 10;", "equal_window_s = 0;")
SHIPPED = ""  # the limits of the sample
UNAVAILABLE = "Sorry, something is not working on our side. Please try again in 1 second."
OTHER = "EAEBx2c0fN1v1Qm5Z0l8kq3Jt7Y2bW9dHc4Xr6Lp8Ue0sVaGiMoK"


def sentence(error):
    """The text behind the fields."""
    words = str(error).split(" ")[1:]
    return " ".join(words[next((i for i, w in enumerate(words) if "=" not in w), len(words)):])


def said(client, lang, *words):
    error = client.fails(*words, "SAY", lang)
    assert len(str(error).encode()) <= 253
    return sentence(error)


def test_send_and_verify(client, gw, number):
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s", "SAY", "id")
    code = gw.smsc.sms(to=to).code
    assert said(client, "id", "OTP.VERIFY", vid, wrong(code)) == "Kode salah. Anda masih punya 4 kesempatan."
    assert said(client, "en", "OTP.VERIFY", vid, wrong(code, 2)) == "Wrong code. You have 3 tries left."
    assert said(client, "id", "OTP.VERIFY", vid, wrong(code, 2)).startswith("Kode ini sudah Anda coba")
    assert said(client, "en", "OTP.VERIFY", vid, "12") == "Your code is too short. It should have 6 characters."
    client.fails("OTP.VERIFY", vid, wrong(code, 3))
    assert said(client, "en", "OTP.VERIFY", vid, wrong(code, 4)) == "Wrong code. You have 1 try left."
    last = client.fails("OTP.VERIFY", vid, wrong(code, 5), "SAY", "en")
    assert last.fields["attempts_left"] == "0" and "that was your last try. You can ask for a new one in " in str(last)
    assert said(client, "id", "OTP.VERIFY", vid, code).startswith("Sudah terlalu banyak kode salah. Anda bisa minta kode baru dalam ")
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    code = gw.smsc.sms(to=to).code
    assert client.do("OTP.VERIFY", vid, code, "SAY", "id") == "OK"
    assert re.fullmatch(r"This code was used \d+ seconds? ago. You need not enter it again.", said(client, "en", "OTP.VERIFY", vid, code))


def test_waits_are_in_words(fresh, number):
    g = fresh(purpose=SHIPPED, replace=[OFTEN])
    client, to = g.daemon.client(), number()
    client.do("OTP.SEND", to, "SUBJECT", "s")
    assert re.fullmatch(r"Cek dulu SMS Anda. Anda bisa minta kode lagi dalam \d+ detik.", said(client, "id", "OTP.SEND", to, "SUBJECT", "s"))
    for i in range(4):
        client.do("OTP.SEND", to, "SUBJECT", f"s{i}")
    assert re.fullmatch(r"Many SMS were sent to this number already. You can ask for another code in 1[01] minutes.",
                        said(client, "en", "OTP.SEND", to, "SUBJECT", "t"))


REFUSALS = [
    (("OTP.SEND", "0812"), "Nomor ini kurang lengkap. Periksa lagi nomornya."),
    (("OTP.SEND", "abc"), "Ini bukan nomor telepon. Tulis angkanya saja."),
    (("OTP.SEND", "+14155550100"), "Maaf, kami belum bisa mengirim SMS ke negara dari nomor ini."),
    (("OTP.SEND", "081234567890", "TTL", "x"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
    (("OTP.SEND", "081234567890", "PURPOSE", "none"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
    (("OTP.SEND", "081234567890", "NONE", "x"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
    (("OTP.SEND", "081234567890", "KNOWN", "1"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
    (("OTP.SEND", "081234567890", "TEMPLATE", "none"), "Maaf, SMS tidak bisa dikirim karena kesalahan kami. Coba lagi nanti."),
    (("OTP.VERIFY", "x", "1"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
    (("OTP.VERIFY", OTHER, "123456"), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.STATUS", OTHER), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.STATUS", OTHER, "FIELD", "none"), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.RESEND", OTHER), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.CANCEL", OTHER), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.REDIRECT", OTHER, "081234567890", "SUBJECT", "s"), "Kode ini tidak berlaku lagi. Minta kode baru."),
    (("OTP.CHECK", "0812", "NONE", "x"), "Maaf, ada yang salah di halaman ini. Coba lagi nanti."),
]


@pytest.mark.parametrize("request_,text", REFUSALS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else None)
def test_every_command_has_it(client, request_, text):
    """Code and fields stay as they are without SAY."""
    plain, error = client.fails(*request_), client.fails(*request_, "SAY", "id")
    assert (error.code, error.fields) == (plain.code, plain.fields)
    assert sentence(error) == text


def test_an_unknown_language_names_those_there_are(client, gw, number):
    to, before = number(), gw.smsc.account()["submits"]
    for lang in ("jv", "ID", "indonesia", "x" * 32, "id\0", "\xff", "i" * 8):
        error = client.fails("OTP.SEND", to, "SAY", lang)
        assert error.code == "BADARG" and error.fields == {"arg": "SAY"}
        assert sentence(error) == "must be a language that has sentences: id en"
    assert client.fails("OTP.SEND", to, "SAY", "").fields == {"arg": "SAY"}
    assert client.fails("OTP.SEND", to, "SAY", "x" * 33).fields == {"arg": "SAY"}
    assert client.fails("OTP.SEND", to, "SAY").fields == {"arg": "SAY"}
    twice = client.fails("OTP.SEND", to, "SAY", "id", "SAY", "en")
    assert twice.fields == {"arg": "SAY"} and sentence(twice).startswith("Maaf")
    assert gw.smsc.account()["submits"] == before
    assert client.do("OTP.SEND", to)  # none of them left anything that refuses this one


def test_a_value_that_is_say_is_no_option(client, number):
    assert client.do("OTP.SEND", number(), "SUBJECT", "SAY", "REQID", "SAY")


def test_in_a_refused_transaction_too(client):
    assert client.fails("MULTI")
    assert said(client, "en", "OTP.STATUS", OTHER) == "Sorry, something on this page went wrong. Please try again later."
    client.ask("DISCARD")


def test_a_number_that_is_corrected(fresh, number):
    g = fresh(replace=[OFTEN])
    client, to, better = g.daemon.client(), number(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s", "PURPOSE", "signup")
    assert said(client, "en", "OTP.REDIRECT", vid, to, "SUBJECT", "s") == "The code was sent to this number already. Please enter the right one."
    assert client.do("OTP.REDIRECT", vid, better, "SUBJECT", "s", "SAY", "id") == vid
    assert said(client, "id", "OTP.REDIRECT", vid, to, "SUBJECT", "s") == "Nomor ini sudah Anda ganti tadi. Masukkan nomor yang lain."
    assert said(client, "en", "OTP.SEND", to, "SUBJECT", "s", "PURPOSE", "signup") == \
        "This number was changed to another one a moment ago. Please go on with the new one."
    client.do("OTP.REDIRECT", vid, number(), "SUBJECT", "s")
    assert re.fullmatch(r"The number was changed twice already. You can start again in \d+ (seconds|minutes).",
                        said(client, "en", "OTP.REDIRECT", vid, number(), "SUBJECT", "s"))
    other = client.do("OTP.SEND", number(), "SUBJECT", "s")
    assert said(client, "id", "OTP.REDIRECT", other, number(), "SUBJECT", "s") == "Nomor tidak bisa diganti di sini. Mulai lagi dari awal."


def test_a_phone_that_sends_the_sms(fresh, number):
    g = fresh(smsc='mo = ["95000"]; mo_trusted = true;')
    client = g.daemon.client()
    assert said(client, "en", "OTP.REVERSE", "PURPOSE", "signup") == "Sorry, something on this page went wrong. Please try again later."
    assert said(client, "id", "OTP.REVERSE", "SUBJECT", "s") == "Maaf, cara ini tidak tersedia di sini. Minta kode lewat SMS."
    flat = client.do("OTP.REVERSE", "SUBJECT", "s", "PURPOSE", "signup", "SAY", "id")
    vid = flat[flat.index("id") + 1]
    assert status(client, vid, "id")["say"] == "Kirim SMS itu dari ponsel Anda. Kami menunggunya."
    client.do("OTP.CANCEL", vid)
    assert status(client, vid, "en")["say"] == "The time is over. Please start again."


def status(client, vid, lang):
    flat = client.do("OTP.STATUS", vid, "SAY", lang)
    return dict(zip(flat[::2], flat[1::2]))


def test_status_says_what_happened_and_from_when(fresh, number):
    g = fresh(purpose=SHIPPED)
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    wait_until(lambda: client.status(vid)["delivery"] == "delivered", 20, "the receipt")
    assert re.fullmatch(r"The SMS has reached your phone. Please enter the code. You can ask for another SMS in \d+ seconds?.",
                        status(client, vid, "en")["say"])
    assert "say" not in client.status(vid)
    assert client.do("OTP.STATUS", vid, "FIELD", "say", "SAY", "id").startswith("SMS sudah sampai di ponsel Anda.")
    assert client.fails("OTP.STATUS", vid, "FIELD", "say").fields == {"arg": "FIELD"}
    client.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code)
    assert status(client, vid, "id")["say"] == "Nomor Anda sudah dikonfirmasi. Silakan lanjut."
    full = client.do("OTP.SEND", number(), "SUBJECT", "s", "REPLY", "FULL", "SAY", "en")
    assert dict(zip(full[::2], full[1::2]))["say"].startswith("Your SMS is on its way.")
    vid = client.do("OTP.SEND", number(), "SUBJECT", "s")
    client.do("OTP.CANCEL", vid, "SAY", "en")
    assert re.fullmatch(r"Kode ini sudah dibatalkan. Anda bisa minta SMS lagi dalam \d+ detik.", status(client, vid, "id")["say"])


def test_status_says_why_it_failed(fresh, number):
    """Refused: that send is given back. Undeliverable, and no sends are left: the end of the verification is waited for."""
    g = fresh(purpose="sends_short = [255, 600]; sends_long = [255, 86400]; resends = 0;")
    client = g.daemon.client()

    def failed(tail):
        vid = client.do("OTP.SEND", number(tail), "SUBJECT", "s")
        wait_until(lambda: client.status(vid)["delivery"] == "failed", 20, "the receipt")
        return status(client, vid, "en")["say"]

    assert failed("999001") == "Sorry, the SMS could not be sent to this number. Please check it. You can ask for another SMS now."
    assert re.fullmatch(r"The SMS did not arrive. Please check the number, and that your phone is on. You can ask for another SMS in [45] "
                        "minutes.", failed("999101"))


@pytest.mark.single("the server is paused")
def test_a_reload_while_the_answer_is_awaited(fresh, number):
    """The language is looked up when it is needed: one that is gone by then leaves the text for engineers."""
    mine = [r.replace('lang = "en"', 'lang = "jv"') for r in rows("en")]
    g = fresh(replace=with_sentences(*mine))
    client, other = g.daemon.client(), g.daemon.client()
    vid = client.do("OTP.SEND", number(), "SUBJECT", "s")
    g.redis.pause()
    try:
        client.send("OTP.VERIFY", vid, "0000000", "SAY", "jv")
        other.send("OTP.VERIFY", vid, "0000000", "SAY", "en")
        g.daemon.write_conf()
        g.daemon.reload()
    finally:
        g.redis.resume()
    gone, kept = client.reply(), other.reply()
    assert sentence(kept) in ("Your code is too long. It should have 6 characters.", UNAVAILABLE), kept
    assert gone.code == kept.code and sentence(gone) not in ("", sentence(kept)), gone


def test_check_says_what_is_wrong(client):
    flat = client.do("OTP.CHECK", "0812", "SAY", "en")
    assert dict(zip(flat[::2], flat[1::2]))["say"] == "This number has too few digits. Please check it."
    flat = client.do("OTP.CHECK", "081234567890", "SAY", "en")
    assert dict(zip(flat[::2], flat[1::2]))["say"] == ""


def test_say_makes_no_other_request(client, gw, number):
    """It is not among what makes two requests with one REQID different, and a repeated one is answered in its own language."""
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s", "REQID", "r", "SAY", "id")
    assert client.do("OTP.SEND", to, "SUBJECT", "s", "REQID", "r", "SAY", "en") == vid
    assert client.do("OTP.SEND", to, "SUBJECT", "s", "REQID", "r") == vid
    guess = wrong(gw.smsc.sms(to=to).code)
    assert said(client, "id", "OTP.VERIFY", vid, guess, "REQID", "v") == "Kode salah. Anda masih punya 4 kesempatan."
    assert said(client, "en", "OTP.VERIFY", vid, guess, "REQID", "v") == "Wrong code. You have 4 tries left."
    assert said(client, "id", "OTP.SEND", to, "SUBJECT", "t", "REQID", "r") == "Maaf, ada yang salah di halaman ini. Mulai lagi dari awal."


def rows(lang):
    """All rows of one shipped language, as a translator copies them."""
    with open(os.path.join(ROOT, "conf/sentences.conf")) as f:
        return re.findall(rf'\{{ answer = "[^"]*"; lang = "{lang}"; text = "[^"]*"; \}}', f.read())


def with_sentences(*rows_):
    return [('# sentences = (', 'sentences = ( ' + ", ".join(rows_) + ' ); # (')]


def test_the_configuration_replaces_and_adds(fresh, number):
    thai = [r.replace('lang = "en"', 'lang = "th"') for r in rows("en")]
    thai = [re.sub(r'text = ".*"', 'text = "หมดเวลา"', r) if 'answer = "UNKNOWNID"' in r else r for r in thai]
    mine = '{ answer = "UNKNOWNID"; lang = "id"; text = "Kode basi."; }'
    g = fresh(replace=with_sentences(mine, *thai))
    client = g.daemon.client()
    vid = client.do("OTP.SEND", number())
    g.redis.cli("FLUSHALL")
    assert said(client, "id", "OTP.STATUS", vid) == "Kode basi."
    assert said(client, "th", "OTP.STATUS", vid) == "หมดเวลา"
    assert said(client, "en", "OTP.STATUS", vid) == "This code no longer works. Please ask for a new one."
    assert sentence(client.fails("OTP.STATUS", vid, "SAY", "jv")).endswith(": id en th")
