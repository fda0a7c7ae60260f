"""Every model of the app, so that Django and the rest of the house find them in one place."""

from annotation.models.audit import AuditEntry
from annotation.models.batch import Batch, BatchItem
from annotation.models.block import Block
from annotation.models.bulk_change import BulkChange
from annotation.models.capture import CaptureKey
from annotation.models.chat import ChatAnswer, ChatSession, ChatTurn
from annotation.models.constitution import Constitution, ConstitutionVersion
from annotation.models.content import Completion, ImportJob, Prompt, Source
from annotation.models.endpoint import Endpoint
from annotation.models.export import Export
from annotation.models.feedback import FeedbackJob, FeedbackRow
from annotation.models.filling import Filling
from annotation.models.gathering import Gathering
from annotation.models.generation import GenerationRequest, GenerationRow
from annotation.models.judge import Judge, JudgeVersion
from annotation.models.labelling import (
    Assignment,
    Item,
    ItemCompletion,
    Judgment,
    JudgmentRevision,
    Rater,
    Sitting,
)
from annotation.models.membership import ApiToken, Invitation, Membership, Role
from annotation.models.project import Instruction, Project, Reveal
from annotation.models.quality import Disagreement, QualityReport, RaterFigures, SelfDescription
from annotation.models.rubric import (
    Rubric,
    RubricCategory,
    RubricItem,
    RubricScore,
    RubricTrial,
    RubricVersion,
)
from annotation.models.search import ItemText, SearchMark
from annotation.models.sign_in import SignInFailure
from annotation.models.snapshot import Snapshot
from annotation.models.task import Task

__all__ = [
    "ApiToken",
    "Assignment",
    "AuditEntry",
    "Batch",
    "BatchItem",
    "Block",
    "BulkChange",
    "CaptureKey",
    "ChatAnswer",
    "ChatSession",
    "ChatTurn",
    "Completion",
    "Constitution",
    "ConstitutionVersion",
    "Disagreement",
    "Endpoint",
    "Export",
    "FeedbackJob",
    "FeedbackRow",
    "Filling",
    "Gathering",
    "GenerationRequest",
    "GenerationRow",
    "ImportJob",
    "Instruction",
    "Invitation",
    "Item",
    "ItemCompletion",
    "ItemText",
    "Judge",
    "JudgeVersion",
    "Judgment",
    "JudgmentRevision",
    "Membership",
    "Project",
    "Prompt",
    "QualityReport",
    "Rater",
    "RaterFigures",
    "Reveal",
    "Role",
    "Rubric",
    "RubricCategory",
    "RubricItem",
    "RubricScore",
    "RubricTrial",
    "RubricVersion",
    "SearchMark",
    "SelfDescription",
    "SignInFailure",
    "Sitting",
    "Snapshot",
    "Source",
    "Task",
]
