"""账单直投 on the running system: from the address on the page over the wallet's mail to what was understood."""

import base64
import io
import re
from uuid import uuid4

import pyzipper

from tests.web.test_with_servers import Browser, World, world

__all__ = ["world"]

PASSWORD = "283746"  # as a wallet makes one up for an export


def zipped(name: str, data: bytes) -> bytes:
    """As a wallet sends it: one file, under a password of six digits."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr(name, data)
    return out.getvalue()


def mail(world: World, recipient: str, sender: str, name: str, data: bytes) -> None:
    body = {
        "mail_id": f"mail-{uuid4().hex}",
        "recipient": recipient,
        "sender": sender,
        "files": [{"name": name, "content": base64.b64encode(data).decode()}],
    }
    answer = world.client.post(f"{world.simulators}/messages/mails", json=body)
    assert answer.status_code == 202, answer.text


def opens(browser: Browser, path: str) -> str:
    """A page of somebody whose rows are as the test made them: it opens."""
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.text


def test_p25_mailed_bills_come_from_the_address_on_the_page_to_its_lines_and_a_password_opens_one_once(
    world: World,
) -> None:
    owner, manager, firm = world.browser(), world.browser(), world.firm()
    owner.to_the_bills(firm, "30000")
    found = re.search(r'<span class="mono">([\w.+-]+@[\w.-]+)</span>', owner.page)
    assert found, "the address stands where bills are asked for"
    wechat, alipay = (world.client.get(firm["bills"][wallet]).content for wallet in ("wechat", "alipay"))

    mail(world, found[1], "statements@evil.example", "wechat.csv", wechat)
    mail(world, found[1], "wxpay@tencent.com", "wechat.csv", wechat)
    owner.until("/apply/flows", 'class="read"')
    assert owner.page.count('<div class="bill-head">') == 1, "a stranger's mail leaves nothing"
    assert "understood" in owner.page

    told = len(world.messages(firm["phone"]))
    mail(world, found[1], "service@mail.alipay.com", "alipay.zip", zipped("alipay.csv", alipay))
    owner.until("/apply/flows", 'class="locked"')
    manager.enter("manager")
    for path in ("/apply/flows", "/progress", "/messages", "/privacy", "/papers", "/me"):
        opens(owner, path)
    for path in ("/manager", "/manager/customers"):
        opens(manager, path)
    customers = re.findall(r"/manager/customers/[0-9a-f-]{36}", manager.page)
    here = next(one for one in customers if firm["owner"] in opens(manager, one))
    opens(manager, f"{here}/papers")
    since = world.messages(firm["phone"])[: -told or None]
    assert any("密码" in one["text"] or "password" in one["text"] for one in since), "whoever waits is told what for"

    opens(owner, "/apply/flows")
    assert owner.press("/apply/flows/unlock", {"password": "000000"}).status_code == 422
    assert 'class="locked"' in owner.page and "000000" not in owner.page
    assert owner.press("/apply/flows/unlock", {"password": PASSWORD}).status_code == 303
    owner.until("/apply/flows", 'class="read"', times=2)
    assert 'class="locked"' not in owner.page and PASSWORD not in owner.page
    assert 'action="/apply/submit"' in owner.page
    story = opens(owner, "/progress")
    assert "mail" in story.lower(), "what came by mail is told"
