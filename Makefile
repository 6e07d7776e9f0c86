# Everything that people do with this clone. `make help` lists it.

# A stable place outside the clone: clones and CI share what they have built. Cargo's own default works too.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/posekit/target
# Where `make install` puts things.
PREFIX ?= $(if $(filter 0,$(shell id -u)),/usr/local,$(HOME)/.local)

POSEKIT := $(CARGO_TARGET_DIR)/release/posekit

.PHONY: demo test lint confirm-versions docs build native llm wheel wheel-test install uninstall help

demo: build ## Build, extract, analyze and render the two public clips, show what was measured, make the report
	$(POSEKIT) run --input public
	$(POSEKIT) query < sql/examples/measured.sql
	@echo "report: $(CURDIR)/output/index.html"

test: native ## Run all tests
	sh tests/run.sh

lint: native ## Check formatting, lints, spelling and links of the docs
	cargo fmt --check
	cargo clippy --release --locked --all-targets --features failpoints -- -D warnings
	sh tests/spelling/spelling.sh
	RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --no-deps --document-private-items --features failpoints

build: native ## Build the program
	cargo build --release --locked

native: ## Install what is missing to build
	@sh native/setup.sh

llm: ## Fetch the default language model for `posekit train` (98 MB)
	@sh native/llm.sh

wheel: ## Build the Python wheels into dist, with everything inside
	@sh native/wheel.sh

wheel-test: build ## Test the wheels in fresh environments and in bare Debians
	@sh tests/wheel/wheel.sh dist "$(POSEKIT)"

confirm-versions: native ## Confirm that changed sources make the same rows, or raise the version (KEEP=drawings,charts for what looks the same)
	POSEKIT_CONFIRM_VERSIONS=1 POSEKIT_KEEP_VERSIONS="$(KEEP)" cargo test --release --locked --features failpoints --test integration versions:: -- --nocapture

docs: native ## Write the lists in docs/METRICS.md anew
	POSEKIT_UPDATE_DOCS=1 cargo test --release --locked --features failpoints --test integration the_metrics_page

install: build ## Install for this user, or for all where run as root
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/lib/posekit" "$(DESTDIR)$(PREFIX)/share/posekit/models"
	install -m 755 "$(POSEKIT)" "$(DESTDIR)$(PREFIX)/bin/posekit"
	install -m 644 native/lib/*.so "$(DESTDIR)$(PREFIX)/lib/posekit"
	install -m 644 models/*.onnx "$(DESTDIR)$(PREFIX)/share/posekit/models"
	install -m 644 LICENSE NOTICE "$(DESTDIR)$(PREFIX)/share/posekit"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "note: $(PREFIX)/bin is not on your PATH" >&2 ;; esac

uninstall: ## Remove what `make install` put there
	rm -rf "$(DESTDIR)$(PREFIX)/bin/posekit" "$(DESTDIR)$(PREFIX)/lib/posekit" "$(DESTDIR)$(PREFIX)/share/posekit"

help: ## List these
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort
