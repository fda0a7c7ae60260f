"""What the schema generator does not find out by itself: that every call may answer with a problem."""

from annotation.api.problems import MEDIA_TYPE

_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "What an error looks like (RFC 9457).",
    "properties": {
        "type": _TEXT | {"description": "`about:blank`: `code` names the kind."},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT | {"description": "What happened and what to do, for people."},
        "code": _TEXT | {"description": "What happened, for programs."},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong with the request.",
            "items": {
                "type": "object",
                "properties": {
                    "path": _TEXT | {"description": "Where, such as `messages[0].role`; empty for the whole."},
                    "message": _TEXT,
                },
                "required": ["path", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "errors"],
}


def add_problems(result, generator, request, public):
    """The problem response as every call's default."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    answer = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for verbs in result["paths"].values():
        for call in verbs.values():
            call["responses"]["default"] = answer
    return result
