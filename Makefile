# Short names for tools/dev.py, which also works without make: python3 tools/dev.py COMMAND.
# Another Python: make run PYTHON=python3.12. Arguments: make test ARGS="-k planner".
PYTHON ?= python3
ARGS ?=

.PHONY: help setup run test lint bench soak example lock clean

help:
	@$(PYTHON) tools/dev.py help

setup run test lint bench soak example lock:
	@$(PYTHON) tools/dev.py $@ $(ARGS)

clean:
	rm -rf .venv* build dist .artifacts .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src plugins examples tests tools -name __pycache__ -prune -exec rm -rf {} +
