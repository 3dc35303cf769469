# The two commands of the README are `make demo` and `make test`; `make help` lists all.

# A toolchain that rustup has just installed is found before the next login, too.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: help demo test setup check-setup build fmt fmt-check lint unit torture fuzz doc release kafka kafka-jars clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Start every service on a training log, drive 25 dossiers through their agencies, check the outcome
	target/debug/lienthong demo

test: check-setup kafka-jars fmt-check lint unit doc ## Everything that must hold: format, lints, tests, docs

setup: ## Install what the build needs (as root), or say how
	@tools/setup

# The whole workspace is selected, as in `unit`, so that cargo gives every dependency the same features there and builds
# it once. `--examples` (there are none) makes cargo count in the features that only tests ask for.
build: setup ## Build the command, target/debug/lienthong
	cargo build --workspace --bin lienthong --examples

fmt: ## Format the code
	cargo fmt --all

lint: check-setup ## Lints, with warnings as errors
	cargo clippy --workspace --all-targets -- -D warnings

unit: check-setup kafka-jars ## The tests alone
	cargo test --workspace

# Both logs one after the other, each for half of the time. SEED, as a run has printed it, does the same things again.
MINUTES ?= 10
torture: check-setup kafka-jars ## Do whatever can be done to services and brokers: make torture MINUTES=60 SEED=7
	TORTURE_SECONDS=$$(($(MINUTES) * 30)) TORTURE_SEED=$(SEED) \
		cargo test --workspace --test all torture:: -- --nocapture --test-threads 1

doc: check-setup ## The docs, with warnings as errors
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# TARGET and SECONDS, such as `make fuzz TARGET=wire/body SECONDS=3600`; without a target, those that there are.
fuzz: setup ## Try a parser with bytes that nobody meant, guided by coverage
	@tools/fuzz/run $(if $(TARGET),$(TARGET) $(or $(SECONDS),60))

# The binaries that are deployed; those of the tests are not among them.
DEPLOYED := lienthong ward-desk land-registry tax-office auditor
release: setup ## Build what is deployed, with the schema of records and calls, into target/release-files
	cargo build --profile deployed --workspace $(addprefix --bin ,$(DEPLOYED))
	mkdir -p target/release-files
	cp $(addprefix target/deployed/,$(DEPLOYED)) target/release-files
	cp services/example.toml LICENSE CHANGELOG.md target/release-files
	target/release-files/lienthong schema --out target/release-files/lienthong.binpb

# ARGS, such as `make kafka ARGS='--brokers 3 --dir my-kafka'`; see `target/debug/kafka --help`.
kafka: setup kafka-jars ## Run a Kafka broker until Ctrl-C, on port 9092 if that is free
	cargo build --workspace --bin kafka --examples
	target/debug/kafka $(ARGS)

# Java is asked for each time: the jars may have come from a cache, onto a machine without it.
kafka-jars: ## Get the Kafka broker that the tests run, once
	@tools/setup java
	@tools/kafka-jars

clean: ## Remove what was built
	cargo clean

# What `make test` needs beyond `make setup`: the components for format and lints, Python for the vectors, and clocks that
# can be wrong for the torture.
check-setup:
	@tools/setup rustfmt clippy python faketime

fmt-check: check-setup
	cargo fmt --all --check

# One after the other: they share the target directory, and the first fault should be the last line.
.NOTPARALLEL:
