"""Prints the JSON schema that editors check rubric files with: python -m rubrics.schema > rubrics/schema.json."""

import json

from rubrics.model import Rubric


def schema() -> str:
    """The schema as it is committed."""
    return json.dumps(Rubric.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
