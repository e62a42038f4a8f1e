"""The project: plans and a login, as the vendor's own must look like, on an in-memory database.

Importing this module configures Django, which can be done once in a process; nothing else here does.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

import django
from django.conf import settings

VARIANT = "mock_oms.variant"

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")),
        *("rest_framework", "rest_framework.authtoken"),
    ],
    LOGGING_CONFIG=None,
    # The middleware that `startproject` writes, behind one that chooses the variant under test.
    MIDDLEWARE=[
        "tests.drf.project.choose_variant",
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    ROOT_URLCONF=(),
    SECRET_KEY="not a secret",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()
logging.getLogger("django").setLevel(logging.CRITICAL)

# ruff: noqa: E402 - Django's classes can be imported only after the lines above
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import APIException
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from mock_oms.switches import Switches
from tests.drf.fake_world import FULL, WORLDS, token_of

_MAGIC = ("fail-403", "fail-429", "fail-500", "fail-inactive")


def choose_variant(get_response: Any) -> Any:
    """A middleware: the URLs of the variant that the caller of the application put into the environ."""

    def middleware(request: Any) -> Any:
        request.urlconf = urls(*request.META[VARIANT])
        return get_response(request)

    return middleware


class OrderExecutionPlan(models.Model):  # type: ignore[misc]
    world = models.CharField(max_length=20)
    body = models.JSONField()

    class Meta:
        app_label = "oms"


class PlanSerializer(serializers.ModelSerializer):  # type: ignore[misc]
    class Meta:
        model = OrderExecutionPlan
        fields = ()

    def to_representation(self, instance: Any) -> Any:
        return instance.body


class KeywordToken(TokenAuthentication):  # type: ignore[misc]
    keyword = "Token"

    def authenticate_credentials(self, key: str) -> Any:
        if key == "fail-500":
            raise RuntimeError("as asked for")
        return super().authenticate_credentials(key)


class KeywordBearer(KeywordToken):
    keyword = "Bearer"


class OptionalToken(KeywordToken):
    """Where authentication is off, a token still names a world; it just cannot be wrong."""

    def authenticate(self, request: Any) -> Any:
        try:
            return super().authenticate(request)
        except APIException:
            return None


class OptionalBearer(OptionalToken):
    keyword = "Bearer"


class Allowed(IsAuthenticated):  # type: ignore[misc]
    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(super().has_permission(request, view) and request.user.username != "fail-403")


class Throttle(BaseThrottle):  # type: ignore[misc]
    def allow_request(self, request: Any, view: Any) -> bool:  # noqa: ARG002 - the framework's own signature
        return bool(request.user.username != "fail-429")

    def wait(self) -> float:
        return 16.2


def rate_throttle(rate: str, now: Callable[[], float]) -> type[SimpleRateThrottle]:
    """The framework's own throttle for everybody, with a clock of ours, on Django's cache in memory, emptied."""

    class Rate(SimpleRateThrottle):  # type: ignore[misc]
        timer = staticmethod(now)

        def get_cache_key(self, request: Any, view: Any) -> str:  # noqa: ARG002 - the framework's own signature
            return "everybody"

    Rate.rate = rate
    Rate.cache.clear()
    return Rate


AUTHENTICATION = {"token": [KeywordToken], "bearer": [KeywordBearer], "both": [KeywordToken, KeywordBearer]}
AUTHENTICATION["off"] = [OptionalToken, OptionalBearer]


def plan_viewset(answers: Switches, throttle: type[BaseThrottle]) -> type[ReadOnlyModelViewSet]:
    class Pagination(PageNumberPagination):  # type: ignore[misc]
        page_size = answers.page_size
        max_page_size = answers.max_page_size
        page_size_query_param = answers.page_size_parameter

    class OrderExecutionPlanViewSet(ReadOnlyModelViewSet):  # type: ignore[misc]
        authentication_classes = AUTHENTICATION[answers.auth]
        permission_classes = [AllowAny if answers.auth == "off" else Allowed]  # noqa: RUF012 - the framework's way
        throttle_classes = [throttle]  # noqa: RUF012
        pagination_class = Pagination if answers.list == "envelope" else None
        serializer_class = PlanSerializer

        def get_queryset(self) -> Any:
            world = self.request.user.username or FULL
            return OrderExecutionPlan.objects.filter(world=world).order_by("-id")

        def get_object(self) -> Any:
            try:
                return super().get_object()
            except Http404:
                if answers.not_found == "short":
                    raise Http404 from None
                raise

        def handle_exception(self, exc: Exception) -> Response:
            response = super().handle_exception(exc)
            if response.status_code == 401 and answers.unauthenticated == "empty":
                response.data = None
            return response

    return OrderExecutionPlanViewSet


class LoginSerializer(serializers.Serializer):  # type: ignore[misc]
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)

    def validate(self, attrs: Any) -> Any:
        token = token_of(attrs["username"], attrs["password"])
        if token is None:
            raise serializers.ValidationError("Unable to log in with provided credentials.")
        return {"key": token}


class LoginView(APIView):  # type: ignore[misc]
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Any) -> Response:
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.validated_data)


@functools.cache
def urls(answers: Switches, throttle: type[BaseThrottle], of_logins: type[BaseThrottle] | None) -> tuple[Any, ...]:
    """The URL patterns of one variant (a tuple, for Django keeps one resolver per hashable value)."""
    router = DefaultRouter()
    router.include_root_view = False
    router.register("orderexecutionplans", plan_viewset(answers, throttle), basename="plan")
    login = LoginView.as_view(throttle_classes=[of_logins] if of_logins else [])
    logins = (path(f"api/{version}/auth/login/", login) for version in ("v1", "i1"))
    return path("api/v1/oms/", include(router.urls)), *logins


@functools.cache
def _handler() -> WSGIHandler:
    with connection.schema_editor() as editor:
        for model in (ContentType, Permission, Group, User, Token, OrderExecutionPlan):
            editor.create_model(model)
    for name in (*WORLDS, *_MAGIC):
        user = User.objects.create(username=name, is_active=name != "fail-inactive")
        Token.objects.create(key=name, user=user)
    for world, plans in WORLDS.items():
        for plan_id, body in plans.items():
            OrderExecutionPlan.objects.create(id=plan_id, world=world, body=body)
    return WSGIHandler()


def django_app(
    answers: Switches, *, throttle: type[BaseThrottle] = Throttle, of_logins: type[BaseThrottle] | None = None
) -> WSGIApplication:
    handler, variant = _handler(), (answers, throttle, of_logins)
    return lambda environ, start_response: handler({**environ, VARIANT: variant}, start_response)
