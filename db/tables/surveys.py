"""The one question after a loan was paid off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table


class PayoffSurvey(Table):
    """An answer, once a loan: ``answer`` from 1 to 5, null where its owner did not want to say. ``never``: and does not
    want to be asked after any other loan either. It goes with an erasure."""

    __tablename__ = "payoff_survey"
    __table_args__ = (
        UniqueConstraint("loan_id"),
        CheckConstraint("answer between 1 and 5", name="answer_of_five"),
        CheckConstraint("answer is not null or words_sealed is null", name="words_with_an_answer"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    answer: Mapped[int | None] = mapped_column(SmallInteger)
    never: Mapped[bool]
    words_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
