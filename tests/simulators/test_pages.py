"""The pages of the simulated world: readable without script, in both languages, safe against what messages hold."""

import re

import pytest


async def test_the_phone_shows_the_newest_message_first_with_its_code_set_apart(http, name):
    for n, text in enumerate(("验证码 111111", "验证码 222222")):
        body = {"message_id": f"{name}-{n}", "phone": "19900000011", "text": text, "purpose": "login_code"}
        await http.post("/messages/", json=body)
    page = await http.get("/phone?number=19900000011&lang=zh_CN")
    assert re.findall(r'<b class="code">(\d+)</b>', page.text) == ["222222", "111111"]
    assert "<script" not in page.text


async def test_the_phone_refreshes_itself_until_the_reader_stops_it(http):
    page = await http.get("/phone?number=19900000015&lang=en")
    assert page.headers["refresh"] == "4"
    stop = re.search(r'href="(/phone[^"]+still=1[^"]*)"', page.text).group(1).replace("&amp;", "&")
    held = await http.get(stop)
    assert "refresh" not in held.headers
    assert "Not refreshing" in held.text
    assert "refresh" not in (await http.get("/phone")).headers


async def test_markup_in_a_message_is_shown_as_text(http, name):
    text = "<script>alert(1)</script> 333333"
    await http.post("/messages/", json={"message_id": name, "phone": "19900000012", "text": text, "purpose": "x"})
    page = await http.get("/phone?number=19900000012")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_an_empty_phone_says_so_in_the_language_of_the_reader(http):
    chinese = await http.get("/phone?number=19900000013", headers={"accept-language": "zh-CN"})
    english = await http.get("/phone?number=19900000013", headers={"accept-language": "en"})
    assert "这个号码还没有收到短信" in chinese.text
    assert "This number has received no message yet" in english.text


@pytest.mark.parametrize("path", ["/", "/phone", "/firms/demo", "/phone?number=1"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_every_page_names_its_language_and_offers_the_other(http, path, language):
    page = (await http.get(path, params={"lang": language} | dict(p.split("=") for p in path.split("?")[1:]))).text
    assert f'<html lang="{"zh-CN" if language == "zh_CN" else "en"}">' in page
    assert ("English" if language == "zh_CN" else "中文") in page


async def test_the_demo_page_gives_all_that_an_application_asks_for(http):
    page = (await http.get("/firms/demo")).text
    firms = (await http.get("/firms/")).json()["firms"]
    demo = next(firm for firm in firms if firm["firm_id"] == "noodle-shop")
    for field in ("shop", "owner", "phone", "id_number", "account", "licence"):
        assert demo[field] in page
    for link in re.findall(r'href="(/firms/[\w-]+/bills/\w+\.csv)"', page):
        bill = await http.get(link)
        assert bill.status_code == 200
        assert bill.headers["content-disposition"].startswith("attachment")


async def test_a_visitor_founds_a_firm_of_his_own(http):
    form = {"trade": "hair_salon", "sales": "45000", "months": "8", "health": "0.5", "special": "901"}
    reply = await http.post("/firms/demo?lang=en", data=form)
    assert reply.status_code == 303
    page = await http.get(reply.headers["location"])
    assert "The firm that you have just founded" in page.text
    another = await http.post("/firms/demo?lang=en", data=form)
    assert another.headers["location"] != reply.headers["location"]
    firm_id = re.search(r"firm=([\w-]+)", reply.headers["location"]).group(1)
    assert (await http.get(f"/firms/{firm_id}")).json()["id_number"][14:17] == "901"


@pytest.mark.parametrize("wrong", [{"sales": "x"}, {"sales": "1"}, {"months": "999"}, {"trade": "bank"}])
async def test_a_wrong_form_says_so(http, wrong):
    form = {"trade": "garage", "sales": "45000", "months": "8", "health": "0.5", "special": ""} | wrong
    reply = await http.post("/firms/demo?lang=en", data=form)
    assert "fault=1" in reply.headers["location"]
    assert "One entry is out of range" in (await http.get(reply.headers["location"])).text


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/messages/", "/phone"),
        ("/messages/inbox?phone=19900000014", "/phone?number=19900000014"),
        ("/firms/", "/firms/demo"),
    ],
)
async def test_a_browser_that_comes_to_a_programs_door_is_shown_to_the_page(http, path, page):
    reply = await http.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert (reply.status_code, reply.headers["location"]) == (303, page)
