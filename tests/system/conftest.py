"""The fixtures of tests/integration."""
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("integration", os.path.join(HERE, "../integration/conftest.py"))
integration = importlib.util.module_from_spec(spec)
spec.loader.exec_module(integration)
bounded, client, fresh, gw, number = (getattr(integration, n) for n in ("bounded", "client", "fresh", "gw", "number"))
pytest_configure = integration.pytest_configure
