# What one does in this repository. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The race detector needs a C compiler; without one the tests run all the same.
RACE ?= $(shell command -v $${CC:-gcc} >/dev/null && echo -race)
# More flags for go test, e.g. make test TESTFLAGS='-run TestReviewable -v'
TESTFLAGS ?=
# Which benchmarks run (a pattern), and how often each.
BENCH ?= .
COUNT ?= 1
# Where govulncheck finds its database (a URL, file:// too); empty: the public one.
VULNDB ?=
# How long each fuzz target runs.
FUZZTIME ?= 1m

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the server into bin/qm-compliance
	go build -o bin/qm-compliance .

.PHONY: test
test: go-test console-test ## Run all tests (with the race detector where there is a C compiler)

.PHONY: go-test
go-test:
	go test $(RACE) -timeout 20m $(TESTFLAGS) ./...

.PHONY: drill
drill: ## Run the long drills, such as the Delete tool killed a hundred times (QM_SEED repeats one)
	QM_DRILL=1 go test $(RACE) -count=1 -v -timeout 30m -run Killed ./command

# The console's own tests need Node and a browser; on a machine of one's own they are left out where those are missing, in CI never.
.PHONY: console-test
console-test: ## Run the tests of the web console: units, and in a browser against the real program
	@missing=; command -v npm >/dev/null || missing="Node 20 (npm)"; \
	[ -n "$${CHROMIUM:-}" ] || compgen -c | grep -qxE 'chromium|chromium-browser|google-chrome' || missing="$${missing:+$$missing and }Chromium"; \
	if [ -n "$$missing" ] && [ -z "$${CI:-}" ]; then echo "console: SKIPPED, its tests need $$missing"; exit 0; fi; \
	$(MAKE) --no-print-directory console/node_modules && cd console && npm run --silent lint && npm run --silent test

console/node_modules: console/package-lock.json
	cd console && npm ci --no-audit --no-fund && touch node_modules

.PHONY: console
console: console/node_modules ## Build the web console into console/dist, which is committed
	cd console && npm run --silent build

# What a target finds is written to testdata/fuzz beside it, and runs with the tests from then on.
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME
	@while IFS=: read -r file name; do \
		echo "$${name#func } in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$${name#func }\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")"; \
	done < <(grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' . | sort)

.PHONY: bench
bench: ## Run the benchmarks (BENCH=pattern, COUNT=how often)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./bench/...

# FIGURES=-check makes it fail where the source breaks a bound.
.PHONY: figures
figures: ## Measure the source: files, functions, widths, arrows between packages
	@go run ./internal/figures $(FIGURES)

.PHONY: lint
lint: fmt-check vet staticcheck vulncheck ## Check format, vet, staticcheck and known vulnerabilities

.PHONY: fmt-check
fmt-check:
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofmt (run gofmt -w on them):"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet:
	go vet ./...

.PHONY: staticcheck
staticcheck:
	go tool staticcheck ./...

# Status 3 says that a vulnerability was found; an unreachable database says nothing about this code.
.PHONY: vulncheck
vulncheck:
	@echo "go tool govulncheck $(if $(VULNDB),-db $(VULNDB) )./..."; \
	status=0; report=$$(go tool govulncheck $(if $(VULNDB),-db $(VULNDB)) ./... 2>&1) || status=$$?; \
	if grep -q '^govulncheck: fetching vulnerabilities:' <<<"$$report"; then \
		echo "govulncheck: SKIPPED, the vulnerability database cannot be reached from here (VULNDB names another)"; \
	else echo "$$report"; exit $$status; fi

.PHONY: generate
generate: ## Generate code anew (GraphQL, from schema.graphqls)
	go generate ./...

# The comparison does not use git, so that it works in a tree with uncommitted changes too.
FILES = find . -path ./.git -prune -o -path ./bin -prune -o -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
.PHONY: verify
verify: ## Check that generated code and go.mod are current
	@before=$$($(FILES)); $(MAKE) --no-print-directory generate; after=$$($(FILES)); \
	if ! diff <(echo "$$before") <(echo "$$after") >/dev/null; then \
		echo "generated files were not current; they are now, commit them:"; \
		comm -13 <(sort <<<"$$before") <(sort <<<"$$after") | cut -c67-; exit 1; fi
	go mod tidy -diff
	go mod verify

.PHONY: graphiql
graphiql: ## Fetch GraphiQL's files again through npm and compare them with those here
	graph/graphiql/fetch.sh --check

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin coverage.out coverage.html
