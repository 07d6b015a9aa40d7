# What one does in this repository. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The race detector; RACE= leaves it out.
RACE ?= -race
# More flags for go test, e.g. make test TESTFLAGS='-run TestReviewable -v'
TESTFLAGS ?=
# Which benchmarks run (a pattern), and how often each.
BENCH ?= .
COUNT ?= 1
# How many conversations make grow measures.
SIZES ?= 10000 100000 1000000
# Where govulncheck finds its database (a URL, file:// too); empty: the public one.
VULNDB ?=
# How long each fuzz target runs.
FUZZTIME ?= 1m

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the server into bin/qm-compliance
	go build -o bin/qm-compliance .

.PHONY: setup
setup: ## Install what the tests need and this machine lacks, where that is allowed (part of test)
	@scripts/setup

.PHONY: test
test: setup go-test console-test ## Run all tests; the first run builds for some minutes

# A package is tested with the race detector where its code or its tests start goroutines or share what they change. All others are tested without:
# there is nothing to find, their tests take a tenth of the time, and their dependencies need not be built a second time. A value that is made once
# (sync.OnceValue) is no reason, and bench has no tests. Two packages would take minutes more than a quarter of an hour has: command, whose tests run the
# program as processes, and db, whose code runs with it in the tests of graph, jobs and importing. `make race` runs those two with it.
CONCURRENT = ^\s*go (func|[a-z])|\.Go\(|sync\.(Mutex|RWMutex|WaitGroup|Map|Cond)|atomic\.[A-Z]|errgroup
PACKAGES = $(shell go list ./...)
LONG_RACED = $(addprefix $(shell go list -m)/,command db)
RACED = $(if $(RACE),$(filter-out $(LONG_RACED),$(filter $(PACKAGES),$(shell grep -rlE '$(CONCURRENT)' --include=*.go --exclude-dir=node_modules --exclude-dir=bench . | xargs -n1 dirname | sort -u | sed "s|^\.|$$(go list -m)|"))))
# go vet, of which go test runs a part, is for `make lint`.
GO_TEST = go test -vet=off -timeout 20m $(TESTFLAGS)

.PHONY: go-test
go-test: ## Run the Go tests alone
ifneq ($(RACE),)
	@scripts/timed 'Go tests, with the race detector' $(GO_TEST) $(RACE) $(RACED)
endif
	@scripts/timed 'Go tests, without the race detector' $(GO_TEST) $(filter-out $(RACED),$(PACKAGES))

.PHONY: race
race: ## Run the Go tests with the race detector that make test runs without it
	@scripts/timed 'Go tests that take long with the race detector' $(GO_TEST) $(RACE) $(LONG_RACED)

.PHONY: console-test
console-test: setup ## Run the tests of the web console: units, and in a browser against the real program
	@cd console && ../scripts/timed 'Console: format, lint' npm run --silent lint
	@cd console && ../scripts/timed 'Console: unit tests' npm run --silent unit
	@cd console && ../scripts/timed 'Console: tests in a browser' npm run --silent e2e

# The tests that run longer where QM_DRILL is set, such as the Delete tool killed a hundred times. Each prints its seed, and QM_SEED repeats a run.
DRILLS = $(shell grep -rl QM_DRILL --include=*_test.go --exclude-dir=node_modules ./)
.PHONY: drill
drill: ## Run the long drills, of which make test runs a little (QM_SEED repeats one)
	QM_DRILL=1 go test $(RACE) -count=1 -v -timeout 4h $(TESTFLAGS) \
		-run '^($(shell grep -hoP '^func \KTest\w+' $(DRILLS) | paste -sd '|'))$$' $(sort $(dir $(DRILLS)))

# Only Node is needed beside the program.
.PHONY: conformance
conformance: build ## Hold the program against the protocols, the clients of others, and who may do what
	@scripts/setup console
	cd console && QM_BINARY=$(CURDIR)/bin/qm-compliance npm run --silent conformance

# promtool comes with Prometheus; Debian's package has it. PROMTOOL names another one.
PROMTOOL ?= promtool
.PHONY: monitoring
monitoring: ## Check and test the alert rules, where promtool is installed
	@if command -v $(PROMTOOL) >/dev/null; then \
		$(PROMTOOL) check rules deploy/monitoring/alerts.yml && $(PROMTOOL) test rules deploy/monitoring/alerts_test.yml; \
	else echo "monitoring: SKIPPED, promtool is not installed (Debian: apt-get install prometheus)"; fi

.PHONY: attack
attack: build ## Try to use the program up, as a stranger and as a person, and print what it cost
	QM_BINARY=$(CURDIR)/bin/qm-compliance go test -tags attack -count=1 -v -timeout 20m -run TestAttack ./command

# vegeta sends the reads; the test anonymizes, subscribes, and restarts PostgreSQL in the middle.
LOAD_TIME ?= 2m
LOAD_CLIENTS ?= 1000
.PHONY: load
load: build ## Put two servers under load, with PostgreSQL restarted in the middle (LOAD_TIME, LOAD_CLIENTS)
	GOBIN=$(CURDIR)/bin go install github.com/tsenart/vegeta/v12@v12.13.0
	QM_BINARY=$(CURDIR)/bin/qm-compliance LOAD_TIME=$(LOAD_TIME) LOAD_CLIENTS=$(LOAD_CLIENTS) \
		go test -tags load -count=1 -v -timeout 1h -run TestLoad ./command

# FROM is the version before: a tag or another commit. It is built from its own tree. This version gets two steps more, so that there always is something
# to migrate.
FROM ?= $(shell git describe --tags --abbrev=0 2>/dev/null || echo 36952ae)
.PHONY: upgrade-drill
upgrade-drill: build ## Put the version of FROM and this one on one database, under load, while it is migrated
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; \
	git archive $(FROM) | tar -x -C "$$before"; \
	(cd "$$before" && go build -buildvcs=false -o qm-compliance .); \
	(cd command/testdata/upgrade && for step in *.sql; do printf ',"$(CURDIR)/migrations/%s":"%s/%s"' "$$step" "$$PWD" "$$step"; done) | \
		sed 's/^,/{"Replace":{/; s/$$/}}/' >"$$before/overlay"; \
	go build -overlay "$$before/overlay" -o "$$before/after" .; \
	QM_BINARY=$(CURDIR)/bin/qm-compliance QM_BINARY_AFTER="$$before/after" QM_BINARY_BEFORE="$$before/qm-compliance" QM_STRUCTURE_BEFORE="$$before/migrations" \
		go test -tags upgrade -count=1 -v -timeout 20m -run TestUpgrade ./command

# The tools are built outside of this module, of which they are no part.
GORELEASER ?= v2.15.1
CYCLONEDX ?= v1.10.0
.PHONY: release
release: ## Build a release below dist/, and publish nothing
	GOBIN=$(CURDIR)/bin go install github.com/goreleaser/goreleaser/v2@$(GORELEASER)
	GOBIN=$(CURDIR)/bin go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX)
	PATH=$(CURDIR)/bin:$$PATH goreleaser release --snapshot --clean

.PHONY: console
console: ## Build the web console into console/dist, which is committed
	@scripts/setup console
	cd console && npm run --silent build

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME
	@scripts/fuzz $(FUZZTIME)

.PHONY: screenshots
screenshots: console ## Make the pictures of the README anew
	cd console && npm run --silent screenshots

.PHONY: bench
bench: ## Run the benchmarks (BENCH=pattern, COUNT=how often)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./bench/...

# Each comparison starts what it needs; PostGraphile and the Node that it runs on come from npm. It fails where a
# floor is missed. Nothing else should run on the machine.
COMPARE ?= ^Test(Listing|Detail|Anonymizing|ImportAndExport|Filters|Memory)(Against|CPU|$$)
.PHONY: compare
compare: build ## Compare with PostGraphile and what costs least (COMPARE=pattern runs some, such as TestDetail)
	@scripts/setup bench
	QM_BINARY=$(CURDIR)/bin/qm-compliance go test -tags compare -count=1 -v -timeout 4h -run '$(COMPARE)' ./bench/compare

.PHONY: grow
grow: ## Measure what 10,000, 100,000 and 1,000,000 conversations take (SIZES), and the memory of moving a million
	QM_COMPARE_SIZES='$(SIZES)' $(MAKE) --no-print-directory compare COMPARE='^Test(Growth|MemoryOfAMillion)$$'

# FIGURES=-check makes it fail where the source breaks a bound.
.PHONY: figures
figures: ## Measure the source: files, functions, widths, arrows between packages
	@go run ./internal/figures $(FIGURES)

.PHONY: lint
lint: fmt-check vet staticcheck vulncheck ## Check format, vet, staticcheck and known vulnerabilities

.PHONY: fmt-check
fmt-check: ## Check that Go files are as gofmt writes them
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofmt (run gofmt -w on them):"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## Run go vet
	go vet ./...

.PHONY: staticcheck
staticcheck: ## Run staticcheck
	go tool staticcheck ./...

# Status 3 says that a vulnerability was found; an unreachable database says nothing about this code.
.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities, where the database of them can be reached
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
