"""The tables. A change here needs a migration beside it (`migrations/versions`); a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# Names of constraints have to be the same everywhere, or a later migration cannot drop them.
metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"})

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(320), nullable=False),
    Column("language", String(35), nullable=False),
    Column("started", Double, nullable=False),
    Column("last", Double, nullable=False),
    Index("ix_conversations_owner_last", "owner", "last"),
    Index("ix_conversations_last", "last"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("conversation", String(32), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("asked", Text, nullable=False),
    Column("heard", Text, nullable=False),
    Column("why", String(16), nullable=False),
    Column("answered_by", String(200), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("latency", JSON, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("conversation", String(32), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("value", Integer, nullable=False),
    Column("note", Text, nullable=False),
)

# Not tied to conversations by a foreign key: when a person is forgotten their name and conversation are blanked
# here, and what was spent stays spent.
costs = Table(
    "costs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False),
    Column("owner", String(320), nullable=False),
    Column("conversation", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("item", String(200), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("nano", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False),
    Column("estimated", Boolean, nullable=False),
    Index("ix_costs_day", "day"),
    Index("ix_costs_conversation", "conversation", "number"),
    Index("ix_costs_owner", "owner"),
)
