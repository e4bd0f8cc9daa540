"""Trust, coupons and the switch against offers, as their owner reaches them."""

from typing import Any


async def test_i6_do_not_offer_me_credit_is_one_switch_of_the_api(api: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    assert (await owner.client.get("/v1/profile")).json()["offers_wanted"] is True
    off = await owner.client.patch("/v1/profile", json={"offers_wanted": False}, headers=fresh_key())
    assert off.status_code == 200
    assert off.json()["offers_wanted"] is False
    await owner.client.patch("/v1/profile", json={"large_type": True}, headers=fresh_key())
    assert (await owner.client.get("/v1/profile")).json()["offers_wanted"] is False, "another setting leaves it"


async def test_i5_somebody_new_reads_what_each_level_brings_and_how_to_rise(api: Any) -> None:
    owner = await api.owner()
    seen = (await owner.client.get("/v1/trust")).json()
    assert (seen["level"], seen["since"], seen["rises_on"], seen["history"]) == (1, None, None, [])
    assert [one["level"] for one in seen["levels"]] == [1, 2, 3, 4, 5]
    for lower, higher in zip(seen["levels"], seen["levels"][1:], strict=False):
        assert higher["offer_days"] > lower["offer_days"]
        assert higher["review_hours"] < lower["review_hours"]
        assert higher["coupon"]["currency"] == "CNY"
    assert (await owner.client.get("/v1/coupons")).json() == {"items": []}
