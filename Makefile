# Every target is a command of scripts/project; the cache, Odoo and the database server are its business.
# Settings given after the target (make run ODOO_PORT=8070) reach it as environment variables.

PROJECT = PYTHONPATH=scripts python3 -m project

.DEFAULT_GOAL := help
.PHONY: help run test lint test-odoo bench shell clean python3

help:  ## this list
	@echo "Usage: make <target>"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "Settings: ODOO_PORT=8070, ODOO_SOURCE=<checkout of Odoo 19>, SALES_CACHE=<folder>, PGHOST=<server>"

run: python3  ## the demo company on http://localhost:8069; Ctrl-C stops everything
	@exec env $(PROJECT) run

test: python3  ## every check and every test, from nothing
	@exec env $(PROJECT) test

lint: python3  ## every check that only reads the code
	@exec env $(PROJECT) lint

test-odoo: python3  ## Odoo's own tests of CRM and sales, with our addons installed
	@exec env $(PROJECT) test-odoo

bench: python3  ## how fast it is beside plain SQL and native Odoo; SCALE=1.0 for the whole company
	@exec env $(PROJECT) bench

shell: python3  ## an Odoo shell on the demo company
	@exec env $(PROJECT) shell

clean: python3  ## remove this checkout's databases and logs (Odoo and Python stay in the cache)
	@exec env $(PROJECT) clean

python3:
	@command -v python3 >/dev/null || { echo "Error: Python 3.11 is needed (Debian: apt install python3 python3-venv)." >&2; exit 1; }
