"""Where a manager's QR code leads: who it is, what follows, and on to the figures."""

from fastapi import Request
from fastapi.responses import Response

from api.belonging import behind
from api.caller import Call, cookie_name
from api.owner import shopping
from api.policy import PUBLIC
from api.routes import Router
from web.owner import dress
from web.showing import shell_of, show
from web.views.workbench import IntroducedPage

router = Router(include_in_schema=False)

# How the browser remembers by whom its owner came, until an application begins: thirty days, and nothing else in it.
VIA = "via"
A_MONTH = 30 * 24 * 3600


@router.get("/m/{code}", policy=PUBLIC)
async def introduced(request: Request, call: Call, code: str) -> Response:
    """Who stands behind the code that was scanned. The page sets the one cookie that carries it, and says so."""
    seen = await behind(call, code)
    page = IntroducedPage(seen, dress.product(await shopping.product_card(call)))
    audience = "owner" if call.principal.kind == "owner" else "public"
    answer = show(request, "owner/introduced.html", page, await shell_of(request, call, audience))
    answer.set_cookie(
        cookie_name(VIA, call.tools),
        seen.code,
        max_age=A_MONTH,
        path="/",
        samesite="lax",
        secure=call.tools.secure,
        httponly=True,
    )
    return answer
