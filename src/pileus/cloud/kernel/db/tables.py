"""The kernel's tables. Times are milliseconds since 1970 UTC; JSON is kept as text."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("keeper", Boolean, nullable=False),
    Column("quota_bytes", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    # "owner": administers the cloud, or "member"
    Column("role", String(10), nullable=False, server_default="member"),
    # since when nobody may sign in to it
    Column("disabled_ms", BigInteger),
    # when it is erased, unless its owner signs in before
    Column("deletion_ms", BigInteger),
    # The journal's head lives here: on PostgreSQL this row's lock orders the account's changes.
    Column("head", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),
)

device = Table(
    "device",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    # since when it is answered to the account's password alone
    Column("locked_ms", BigInteger),
)

wiped_device = Table(
    "wiped_device",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    # when it asked for something and was told
    Column("told_ms", BigInteger),
)

sign_in_try = Table(
    "sign_in_try",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("blocked_until_ms", BigInteger, nullable=False),
)

account_log = Table(
    "account_log",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    # the device that did it, by its name then; empty: nobody who was signed in
    Column("device_id", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Index("account_log_account", "account_id", "number"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("made_ms", BigInteger, nullable=False),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # COSE_Key (RFC 9052)
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
)

push_subscription = Table(
    "push_subscription",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("device_id", String(36), nullable=False, unique=True),
    Column("endpoint", Text, nullable=False),
    Column("endpoint_hash", String(64), nullable=False, unique=True),
    Column("p256dh", LargeBinary, nullable=False),
    Column("auth", LargeBinary, nullable=False),
    # the device's time zone and language, for what it is told
    Column("zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    # when its push service took a message last
    Column("taken_ms", BigInteger),
)

push_message = Table(
    "push_message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("subscription_id", String(36), nullable=False),
    # encrypted to the browser already
    Column("body", LargeBinary, nullable=False),
    Column("topic", String(32), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Index("push_message_topic", "subscription_id", "topic"),
)

app_password = Table(
    "app_password",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    # {"scope": "read" or "write"}
    Column("scopes", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("used_ms", BigInteger),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", String(36), primary_key=True),
    # who invites; none: whoever runs the cloud, at its command line
    Column("account_id", ForeignKey("account.id"), index=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("role", String(10), nullable=False),
    Column("quota_bytes", BigInteger, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

pairing = Table(
    "pairing",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    # the signed-in device that shows the code
    Column("device_id", String(36), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    # what the new device goes on by, once it came with the code
    Column("claim_hash", String(64), unique=True),
    # "open", "asked", "allowed", "denied" or "done"
    Column("state", String(10), nullable=False),
    # the new device: its name, from where it asked, and the number that it shows
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("number", String(2), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

family_member = Table(
    "family_member",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("family_id", String(36), nullable=False, index=True),
    # "parent" or "child"
    Column("kind", String(10), nullable=False),
    Column("joined_ms", BigInteger, nullable=False),
)

family_invitation = Table(
    "family_invitation",
    metadata,
    Column("id", String(36), primary_key=True),
    # who is asked to be a parent
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("family_id", String(36), nullable=False, index=True),
    # the parent who asks
    Column("by_id", String(36), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
)

push_registration = Table(
    "push_registration",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("device_id", String(36), nullable=False, index=True),
    Column("app", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    # the key of the only server that may post
    Column("vapid", Text),
    Column("made_ms", BigInteger, nullable=False),
)

push_arrival = Table(
    "push_arrival",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("device_id", String(36), nullable=False),
    Column("registration_id", String(36), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("topic", String(32), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
    Index("push_arrival_device", "device_id", "number"),
    sqlite_autoincrement=True,
)

record = Table(
    "journal_record",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("collection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("fields", Text, nullable=False),
    # {"field": [seq, "device"]}: who changed a field last, removed fields included
    Column("marks", Text, nullable=False),
    # {"device": seq}: when each device last changed this record
    Column("writers", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Index("journal_record_seq", "account_id", "seq", unique=True),
    Index("journal_record_collection_seq", "account_id", "collection", "seq"),
    sqlite_with_rowid=False,
)

text = Table(
    "journal_text",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("collection", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
)

history = Table(
    "journal_history",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("collection", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    # bytes that it counts for in the account's quota
    Column("size", BigInteger, nullable=False, server_default="0"),
    # the number that the lost value had, and the one of the change that replaced it
    Column("seq", BigInteger, nullable=False),
    Column("replaced_seq", BigInteger, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("replaced_ms", BigInteger, nullable=False),
    Index("journal_history_record", "account_id", "collection", "record_id"),
    Index("journal_history_replaced", "account_id", "replaced_ms"),
)

mutation = Table(
    "journal_mutation",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

quota_use = Table(
    "quota_use",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("area", Text, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("runs", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("job_state", "state"),
)
