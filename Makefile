# Kubergarten. "make" lists what there is to make.

GO      ?= go
BIN     := bin/kubergarten
VERSION := v1.36.3
KUBE    := k8s.io/component-base/version
LDFLAGS := -s -w \
	-X $(KUBE).gitVersion=$(VERSION) -X $(KUBE).gitMajor=1 -X $(KUBE).gitMinor=36 \
	-X $(KUBE).gitTreeState=clean -X $(KUBE).buildDate=2026-07-22T18:07:38Z
ARGS    ?=

.DEFAULT_GOAL := help
.PHONY: help run build guests generate assets storybook test check browser unit e2e fuzz bench fmt

help: ## list what there is to make
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: build ## start a cluster (ARGS="--nodes 5" for flags of "kubergarten up")
	$(BIN) up $(ARGS)

build: guests ## build bin/kubergarten, one static file
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/kubergarten

guests: ## build the programs that run in pods
	$(GO) run ./wasm/guest/build

generate: ## make generated files anew
	$(GO) generate ./...

assets: ## bundle what the page needs from npm (needs node; the result is committed)
	cd ui/static && npm ci --no-audit --no-fund && npm run build

storybook: ## show every component of the page, without a cluster
	$(GO) run ./ui/storybook

test: check unit e2e ## everything that CI runs

check: guests ## formatting, vet, staticcheck, freshness of generated files
	@bad=$$(git ls-files '*.go' ':!*_templ.go' | xargs $(GO) tool gofumpt -l); test -z "$$bad" || { echo "not formatted, run 'make fmt':" $$bad; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@before=$$(git status --porcelain; git diff | cksum); $(GO) generate ./...; after=$$(git status --porcelain; git diff | cksum); \
		test "$$before" = "$$after" || { echo "generated files are stale: run 'make generate' and commit"; exit 1; }

browser: ui/axe/node_modules ## chromium and axe-core, which look at the page in tests
	@command -v chromium >/dev/null || { \
		sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; }

ui/axe/node_modules: ui/axe/package-lock.json
	npm ci --prefix ui/axe --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

unit: guests browser ## tests of the packages
	$(GO) test ./engine/... ./wasm/... ./ui/... ./lessons/...

e2e: build ## tests of the whole, with the real kubectl
	KUBERGARTEN=$(CURDIR)/$(BIN) $(GO) test -count=1 -timeout 20m ./cmd/...

fuzz: guests ## run each fuzz target for FUZZTIME (30s)
	@for p in $$(grep -rl '^func Fuzz' --include=*_test.go engine wasm lessons ui cmd | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$p/*_test.go | sed 's/func //'); do \
			echo "== $$p $$f"; $(GO) test ./$$p -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-30s} || exit 1; done; done

bench: guests ## all benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

fmt: ## format
	git ls-files '*.go' ':!*_templ.go' | xargs $(GO) tool gofumpt -w
