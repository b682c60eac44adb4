# SPDX-License-Identifier: Apache-2.0
# The verbs of this repository. `make help` lists them.

SWIFT ?= swift
SOURCES := Package.swift Sources Plugins Tests

# The list of plugin folders, with their sources and tests and what they depend on, is part of the manifest cache's
# key, so that a folder that was added or removed is seen by the next build.
export EARSHOT_PLUGINS := $(sort $(patsubst Plugins/%,%,$(wildcard Plugins/*/Sources Plugins/*/Tests))) \
  $(shell cat Plugins/*/dependencies 2>/dev/null | cksum)

.PHONY: help setup build run bench torture test lint format check conformance

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Install the system libraries that are missing (or print the one line to run)
	@Scripts/setup

build: setup ## Build everything (debug)
	$(SWIFT) build --explicit-target-dependency-import-check error

run: build ## Build, then run the rules in Rules/ until stopped
	.build/debug/earshot run

test: setup ## Build and run all tests
	$(SWIFT) test --explicit-target-dependency-import-check error

conformance: setup ## Run every vector of the directory named by EARSHOT_CONFORMANCE
	$(SWIFT) test --filter Conformance

lint: ## Check formatting, documentation and layering
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	Scripts/check-layers

format: ## Format all sources in place
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

bench: setup ## Measure a release build beside the bare things (takes minutes)
	Scripts/bench

torture: setup ## Run the fault tests in their full form (takes hours) and print what they reached
	Scripts/torture

check: lint test ## What continuous integration runs
