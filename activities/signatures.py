"""A contract's electronic signatures: the lender's seal, and the borrower's by a certificate of that one act;
so does every further party, for its own part.

The borrower signed with a one-time code that was bound to the terms. The authority is told the hash of that evidence
and certifies a key that is made for this act and forgotten after it (电子签名法 13: it is the signer's own, under their
control alone, and every change can be found).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateways.authority import Authority, CertificateOrder
from infra.pades import Key, Signatory, sign
from lending.identifiers import derived_id

LENDER, BORROWER, PARTY = "Huoshui-Lender", "Huoshui-Borrower", "Huoshui-Party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who signed what by which code; ``evidence`` is kept with the contract's row."""

    number: str
    terms_hash: str
    signer: str = field(repr=False)
    evidence: dict[str, str]

    @property
    def evidence_hash(self) -> str:
        """SHA-256 of the canonical words: what the certificate carries."""
        told = {"contract": self.number, "terms": self.terms_hash, **self.evidence}
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Signatures:
    """Signs papers. ``seal_key``: the lender's 32 secret bytes."""

    def __init__(self, authority: Authority, seal_key: bytes, lender: str) -> None:
        self._authority = authority
        self._seal = Key(seal_key)
        self._lender = lender

    async def on(self, pdf: bytes, act: Act, others: Sequence[Act] = ()) -> bytes:
        """The paper with both signatures and one of each further party, each stamped. Raises GatewayUnavailable."""
        reason = f"{act.number} SHA-256 {act.terms_hash}"
        once = Key()
        seal = await self._certified("organisation", self._seal, self._lender, None)
        own = await self._certified("act", once, act.signer, act.evidence_hash)
        signatories = [
            Signatory(LENDER, self._seal, seal, self._lender, reason),
            Signatory(BORROWER, once, own, act.signer, reason),
        ]
        for place, other in enumerate(others, start=1):
            key = Key()
            chain = await self._certified("act", key, other.signer, other.evidence_hash)
            words = f"{other.number} {other.evidence['role']} SHA-256 {other.terms_hash}"
            signatories.append(Signatory(f"{PARTY}-{place}", key, chain, other.signer, words))
        return await sign(pdf, signatories, self._authority.stamp)

    async def sealed(self, pdf: bytes, reason: str) -> bytes:
        """A paper of the lender's own with its seal, stamped. Raises GatewayUnavailable."""
        seal = await self._certified("organisation", self._seal, self._lender, None)
        return await sign(pdf, (Signatory(LENDER, self._seal, seal, self._lender, reason),), self._authority.stamp)

    async def _certified(self, kind: str, key: Key, name: str, evidence: str | None) -> tuple[bytes, ...]:
        # One id for one key: the seal's certificate is found again, an act's key has its own.
        request_id = str(derived_id("certificate", f"{kind}/{key.fingerprint}"))
        return await self._authority.certify(
            CertificateOrder(
                request_id=request_id,
                kind="act" if kind == "act" else "organisation",
                name=name,
                csr=key.request(name),
                evidence=evidence,
            )
        )
