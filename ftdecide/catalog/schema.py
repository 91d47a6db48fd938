"""The JSON schema of provider files, so that editors complete and check them while somebody types."""

import json

from ftdecide.catalog.types import Provider

SCHEMA_PATH = "schemas/provider.schema.json"


def provider_schema() -> str:
    """Return the schema as it stands in `data/schemas/provider.schema.json`."""
    schema = Provider.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Provider"
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
