"""Fixtures of the api's tests."""

from tests.fixtures.api import api, module_api, other_tenant, tenant
from tests.fixtures.providers import stub_providers

__all__ = ["api", "module_api", "other_tenant", "stub_providers", "tenant"]
