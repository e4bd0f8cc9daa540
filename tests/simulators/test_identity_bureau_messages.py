"""The identity provider, the bureau and the message gateway answer by their rules, and one id means one thing."""

import pytest

CONSENT = "ab" * 32


def id_number(sequence: str) -> str:
    head = f"33010619800101{sequence}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(a) * b for a, b in zip(head, weights, strict=True)) % 11]


@pytest.fixture
def check(http, name):
    async def check(kind: str, sequence: str = "123", **more) -> dict:
        body = {
            "check_id": f"{name}-{kind}",
            "kind": kind,
            "name": "李秀英",
            "id_number": id_number(sequence),
            "account": "6200010000002335337",
            "licence": "92320508M3XH541158",
        } | more
        return (await http.post("/identity/checks", json=body)).json()

    return check


@pytest.mark.parametrize("kind", ["network", "bank_card", "liveness", "register"])
async def test_an_ordinary_person_matches(check, kind):
    result = await check(kind)
    assert result["outcome"] == "match"
    assert 0.9 <= float(result["score"]) < 1


@pytest.mark.parametrize(
    ("kind", "sequence", "more", "reason"),
    [
        ("network", "911", {}, "not_the_same_person"),
        ("liveness", "912", {}, "not_the_same_person"),
        ("bank_card", "913", {}, "not_the_same_person"),
        ("register", "914", {}, "not_the_same_person"),
        ("bank_card", "123", {"account": "6200010000000000"}, "account_blocked"),
        ("register", "123", {"licence": "92320508M3XH541159"}, "licence_invalid"),
        ("network", "123", {"id_number": "330106198001011234"}, "id_number_invalid"),
    ],
)
async def test_special_persons_and_wrong_numbers_do_not_match(check, kind, sequence, more, reason):
    result = await check(kind, sequence, **more)
    assert (result["outcome"], result["reason"]) == ("mismatch", reason)


async def test_a_pending_check_is_pending_when_asked_again(check, http, name):
    assert (await check("network", "915"))["outcome"] == "pending"
    assert (await http.get(f"/identity/checks/{name}-network")).json()["outcome"] == "pending"


async def test_one_check_id_means_one_check(check, http):
    first, again = await check("network"), await check("network")
    assert first == again
    taken = await check("network", name="王芳")
    assert taken["code"] == "check_id_taken"


@pytest.fixture
def report(http, name):
    async def report(sequence: str = "123", **more):
        body = {"inquiry_id": name, "name": "李秀英", "id_number": id_number(sequence), "consent_hash": CONSENT} | more
        return await http.post("/bureau/reports", json=body)

    return report


async def test_an_ordinary_record_is_the_same_however_often_it_is_asked(report, http, name):
    first, again = (await report()).json(), (await report()).json()
    assert first == again
    assert (first["current_overdue_minor"], first["dishonest"], first["found"]) == (0, False, True)
    inquiries = (await http.get("/bureau/book")).json()["inquiries"]
    assert [row["times"] for row in inquiries if row["inquiry_id"] == name] == [2]


@pytest.mark.parametrize(
    ("sequence", "field", "value"),
    [
        ("901", "current_overdue_minor", 320_000),
        ("902", "dishonest", True),
        ("903", "enquiries_90d", 17),
        ("904", "monthly_instalments_minor", 3_100_000),
        ("905", "found", False),
    ],
)
async def test_special_persons_have_their_records(report, sequence, field, value):
    assert (await report(sequence)).json()[field] == value


async def test_the_bureau_wants_a_consent_and_one_meaning_for_an_inquiry(report):
    assert (await report(consent_hash="")).json()["code"] == "consent_missing"
    await report()
    taken = await report(name="王芳")
    assert (taken.status_code, taken.json()["code"]) == (409, "inquiry_id_taken")


@pytest.fixture
def send(http, name):
    async def send(text: str = "验证码 482913", phone: str = "19900000001", message_id: str | None = None):
        body = {"message_id": message_id or name, "phone": phone, "text": text, "purpose": "login_code"}
        return await http.post("/messages/", json=body)

    return send


async def test_a_message_sent_twice_is_on_the_phone_once(http, send):
    first, again = await send(), await send()
    assert first.status_code == 202
    assert first.json() == again.json()
    inbox = (await http.get("/messages/inbox?phone=19900000001")).json()["messages"]
    assert [(message["text"], message["times"]) for message in inbox] == [("验证码 482913", 2)]
    taken = await send("验证码 000000")
    assert (taken.status_code, taken.json()["code"]) == (409, "message_id_taken")


async def test_the_newest_message_is_first_and_a_country_code_makes_no_other_phone(http, send, name):
    await send("one", "+8619900000002", f"{name}-1")
    await send("two", "19900000002", f"{name}-2")
    inbox = (await http.get("/messages/inbox", params={"phone": "+86 199 0000 0002"})).json()["messages"]
    assert [message["text"] for message in inbox] == ["two", "one"]


@pytest.mark.parametrize("phone", ["", "abc", "1" * 20, "199-0000-0003"])
async def test_a_number_that_is_none_is_refused(send, phone):
    assert (await send(phone=phone)).status_code == 422
