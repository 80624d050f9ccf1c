# demarc. `make` alone says what there is.
#
# Every target works on a fresh Debian machine that has Go and make: what else
# it needs (PostgreSQL, Node, Chromium, …) it installs with apt-get when it is missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

export CGO_ENABLED := 0

ARGS      ?=
FUZZTIME  ?= 20s
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI  := v2.15.0
LINTER    := build/bin/golangci-lint-$(GOLANGCI)
GO_FILES   = $(shell find . -name '*.go' -not -path '*/node_modules/*' -not -path './build/*')
# Where goroutines meet; the rest of the tests gains nothing from the race detector.
RACE      ?= $(addprefix ./internal/,$(addsuffix /...,clock db timer gate outbox httpkit identity seal trouble requestlog sandbox ondemand care marketplace preorder voice portal/web app))

# $(call need,how to tell that it is there,the Debian packages that bring it)
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
need = @{ $(1); } >/dev/null 2>&1 || { echo "installing $(2), which is missing here"; \
	$(AS_ROOT) apt-get update -q && \
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(2); }

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and run the server (make run ARGS="--listen 127.0.0.1:9000")
	exec ./build/demarc serve $(ARGS)

.PHONY: build
build: need-certificates ## build ./build/demarc
	go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o build/demarc ./cmd/demarc

.PHONY: test
test: need-certificates need-postgres need-xmllint need-chromium need-languages lint-api ## run every test, on SQLite and on a PostgreSQL of its own
	go test -timeout 15m -parallel 4 ./...

.PHONY: lint
lint: $(LINTER) ## golangci-lint, go vet, gofmt
	go vet ./...
	@unformatted=$$(gofmt -l $(GO_FILES)); [ -z "$$unformatted" ] || { echo "run gofmt on:"; echo "$$unformatted"; exit 1; }
	$(LINTER) run

.PHONY: lint-api
lint-api: api/node_modules/.package-lock.json ## check the OpenAPI documents with an independent linter
	cd api && npm run --silent lint

# A release has met every answer that api/contract lists; see e2e/coverage_test.go.
.PHONY: verify
verify: export DEMARC_COVERAGE := require
verify: export GOFLAGS := -count=1
verify: test lint race ## test, lint and race together: what a release must pass

.PHONY: race
race: need-postgres need-compiler ## the packages in which goroutines meet, under the race detector
	CGO_ENABLED=1 go test -race -timeout 20m -p 1 $(RACE)

.PHONY: bench
bench: build need-postgres need-strace ## print the figures, each beside its floor
	./build/demarc bench $(ARGS)

.PHONY: docs
docs: ## make the pages in docs/ that come from the code
	go test ./internal/app -run TestGeneratedPagesAreUpToDate -update

.PHONY: fuzz
fuzz: need-certificates ## run every fuzz target for FUZZTIME each
	@grep -oHE '^func Fuzz[A-Za-z0-9_]+' $(filter %_test.go,$(GO_FILES)) | sed -E 's|/[^/]+:func | |' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		go test "$$package" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) </dev/null; \
	done

.PHONY: cover
cover: need-certificates need-postgres need-xmllint need-chromium need-languages api/node_modules/.package-lock.json ## test coverage: the total, and build/cover.html
	@mkdir -p build
	go test -timeout 15m -coverpkg ./... -coverprofile build/cover.out ./...
	go tool cover -html build/cover.out -o build/cover.html
	go tool cover -func build/cover.out | tail -n 1

.PHONY: clean
clean: ## remove what was built
	rm -rf build api/node_modules

$(LINTER): | need-certificates
	GOBIN=$(CURDIR)/build/bin go install -trimpath github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	mv build/bin/golangci-lint $@

api/node_modules/.package-lock.json: api/package.json api/package-lock.json | need-node
	cd api && npm ci --no-audit --no-fund
	@touch $@

.PHONY: need-certificates need-postgres need-xmllint need-chromium need-languages need-node need-strace need-compiler
need-certificates: # modules come over HTTPS
	$(call need,[ ! -e /etc/debian_version ] || [ -e /etc/ssl/certs/ca-certificates.crt ],ca-certificates)
need-postgres:
	$(call need,command -v initdb || ls /usr/lib/postgresql/*/bin/initdb,postgresql)
need-xmllint: # holds what is pushed against its schema
	$(call need,command -v xmllint,libxml2-utils)
need-chromium: # walks the portal
	$(call need,[ -x /usr/bin/chromium ],chromium)
need-languages: # run the portal's code samples as they are shown
	$(call need,command -v python3 && command -v java && command -v curl,python3 default-jdk-headless curl)
need-node:
	$(call need,command -v npm,nodejs npm)
need-strace:
	$(call need,command -v strace,strace)
need-compiler:
	$(call need,command -v gcc,gcc libc6-dev)
