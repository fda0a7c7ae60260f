"""Settings, from the environment. Nothing set means: embedded defaults under PLUMBLINE_HOME."""

import os
import secrets
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


# Where everything that is not code lives: database, broker, uploads, snapshots, runs.
HOME = Path(os.environ.get("PLUMBLINE_HOME", BASE_DIR / ".plumbline")).expanduser().resolve()
HOME.mkdir(parents=True, exist_ok=True)
UPLOAD_DIR, SNAPSHOT_DIR, RUN_DIR, MODEL_DIR, GENERATION_DIR, EXPORT_DIR = (
    HOME / part for part in ("uploads", "snapshots", "runs", "models", "generations", "exports")
)


def secret_key() -> str:
    """The key from the environment, else one made on first start and kept in a file of mode 0600."""
    if given := os.environ.get("PLUMBLINE_SECRET_KEY"):
        return given
    path = HOME / "secret_key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = secret_key()
DEBUG = flag("PLUMBLINE_DEBUG")
ALLOWED_HOSTS = listed("PLUMBLINE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = listed("PLUMBLINE_TRUSTED_ORIGINS")
DEMO = flag("PLUMBLINE_DEMO")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "alignment_site.static_files.StaticFiles",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "knox",
    "csp",
    "annotation",
    "training",
    "evaluation",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "alignment_site.urls"
WSGI_APPLICATION = "alignment_site.wsgi.application"
ASGI_APPLICATION = "alignment_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "training.context.workers",
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{HOME / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A read transaction that turns into a write fails at once under WAL; IMMEDIATE waits its turn instead.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "annotation:home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": UPLOAD_DIR},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "alignment_site.static_storage.HashedModulesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Completions are hostile text: nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "alignment_site.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
if flag("PLUMBLINE_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Hosts of private networks (`host` or `host:port`) that endpoints of models may have, and that may speak plain http.
ENDPOINT_HOSTS = listed("PLUMBLINE_ENDPOINT_HOSTS")
IMPORT_MAX_BYTES = int(os.environ.get("PLUMBLINE_IMPORT_MAX_MB", "512")) * 1024 * 1024
IMPORT_MAX_UNPACKED_BYTES = 4 * IMPORT_MAX_BYTES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotation.api.authentication.ProjectTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "annotation.api.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "annotation.api.problems.handle",
}
REST_KNOX = {"TOKEN_MODEL": "annotation.ApiToken", "TOKEN_TTL": None, "AUTO_REFRESH": False}
# Our tokens are annotation.ApiToken; knox's own table would only stand in the way of emptying the database.
MIGRATION_MODULES = {"knox": None}
KNOX_TOKEN_MODEL = "annotation.ApiToken"  # noqa: S105 (a model, not a password)
SPECTACULAR_SETTINGS = {
    "TITLE": "Plumbline",
    "DESCRIPTION": "Preferences in, runs, curves, checkpoints and comparisons out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobState": "training.models.JobState",
        "CheckpointKind": "training.models.Checkpoint.Kind",
        "Role": "annotation.models.Role",
        "ComparisonState": "evaluation.models.Comparison.State",
        "SnapshotFormat": "annotation.models.Snapshot.Format",
        "SnapshotState": "annotation.models.Snapshot.State",
        "ImportFormat": "annotation.importers.NAMES",
        "ExportState": "annotation.models.Export.State",
        "ImportState": "annotation.models.ImportJob.State",
        "AlertKind": "training.models.Alert.Kind",
        "JudgmentOutcome": "annotation.models.Judgment.Outcome",
        "RequestState": "annotation.models.GenerationRequest.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "annotation.api.schema.add_problems",
    ],
}

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    BROKER_DIR = HOME / "broker"
    for part in ("queue", "control", "processed"):
        (BROKER_DIR / part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "polling_interval": 0.1,  # the default of one second answers after 2.9 s
    }
CELERY_TASK_DEFAULT_QUEUE = "light"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = flag("PLUMBLINE_EAGER_TASKS")
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "annotation.close_idle": {"task": "annotation.close_idle", "schedule": 60.0, "options": {"expires": 60}},
    "annotation.prepare_repeats": {
        "task": "annotation.prepare_repeats",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "annotation.freshen_search": {"task": "annotation.freshen_search", "schedule": 5.0, "options": {"expires": 5}},
    "annotation.resume_jobs": {"task": "annotation.resume_jobs", "schedule": 20.0, "options": {"expires": 20}},
    "annotation.refresh_quality": {"task": "annotation.refresh_quality", "schedule": 300.0, "options": {"expires": 60}},
    "evaluation.gather": {"task": "evaluation.gather", "schedule": 3.0, "options": {"expires": 3}},
    "training.resume_rankings": {"task": "training.resume_rankings", "schedule": 60.0, "options": {"expires": 60}},
    "ring": {"task": "training.ring", "schedule": 3.0, "options": {"expires": 10}},
}

# How long things may take before somebody says so. Tests shorten them; pages quote them.
TRAINING = {
    "poll_seconds": 0.5,  # how often a supervisor looks at its engine
    "beat_seconds": 2.0,  # how often a worker and a run say that they live
    "worker_silent_seconds": 6.0,  # pages call a worker silent after this, so that it is said within ten
    "run_silent_seconds": 15.0,  # a held run without a beat goes to its next attempt
    "quiet_seconds": 300.0,  # a living engine without an event raises an alert
    "stop_patience_seconds": 120.0,  # for finishing a step and writing a checkpoint, before SIGTERM
    "crash_limit": 3,  # engine deaths without a new checkpoint in between, before a run is called failed
    "disk_floor_bytes": int(os.environ.get("PLUMBLINE_DISK_FLOOR_BYTES", 512 * 1024 * 1024)),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PLUMBLINE_LOG_LEVEL", "INFO")},
}
