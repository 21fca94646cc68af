.NOTPARALLEL:
.PHONY: help run dev check lint test fix openapi screens footprint bench

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## build and serve on http://127.0.0.1:8080, with an embedded database in ./data
	cargo run

dev: ## serve with reload: the console on http://localhost:5173/console/, the server on http://127.0.0.1:8080
	scripts/dev

check: lint test ## all that CI runs: lint, then test

lint: ## formatting, spelling, clippy, documentation, console
	scripts/lint

test: ## every test, on SQLite and on a PostgreSQL that it starts itself (a part: scripts/test STEP)
	scripts/test

fix: ## mend what a machine can mend, and renew the generated files
	cargo fmt --all
	cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged
	$(MAKE) openapi

openapi: ## write the OpenAPI documents and the console's types from the code
	cargo run -- openapi openapi/
	cargo run -- permissions > docs/permissions.md
	scripts/configuration
	npm --prefix web-console run generate

screens: ## take the pictures of docs/screens anew, of every page
	scripts/screens

footprint: ## start time, memory and size of the release build against their limits
	scripts/footprint

bench: ## load the release build and measure what it answers (options: scripts/bench)
	scripts/bench
