import base64
import os

import pytest

from infra.settings import Profile, Settings


def secret() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(scope="session")
def plain_settings() -> Settings:
    """Settings of a process that has no servers: enough for keys, codecs, texts and logs."""
    return Settings.model_validate(
        {
            "profile": Profile.TEST,
            "database_url": "postgresql+psycopg://nobody@127.0.0.1:1/none",
            "s3_endpoint": "http://127.0.0.1:1",
            "s3_access_key": "access",
            "s3_secret_key": "secret-of-the-store",
            "rail_url": "http://127.0.0.1:1",
            "identity_url": "http://127.0.0.1:1",
            "bureau_url": "http://127.0.0.1:1",
            "courts_url": "http://127.0.0.1:1",
            "registry_url": "http://127.0.0.1:1",
            "tax_url": "http://127.0.0.1:1",
            "pledges_url": "http://127.0.0.1:1",
            "estates_url": "http://127.0.0.1:1",
            "patents_url": "http://127.0.0.1:1",
            "vehicles_url": "http://127.0.0.1:1",
            "fields_url": "http://127.0.0.1:1",
            "places_url": "http://127.0.0.1:1",
            "live_url": "http://127.0.0.1:1",
            "authority_url": "http://127.0.0.1:1",
            "messages_url": "http://127.0.0.1:1",
            "public_url": "http://127.0.0.1:8000",
            "key_encryption_key": secret(),
            "payload_key": secret(),
            "index_key": secret(),
            "session_key": secret(),
            "rail_webhook_secret": "whsec_" + secret(),
            "revenue_webhook_secret": "whsec_" + secret(),
            "messages_webhook_secret": "whsec_" + secret(),
        }
    )
