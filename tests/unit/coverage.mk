# coverage: the unit tests in build/cov, and what they run of the files that judge. Counters of former builds go first.
.PHONY: coverage
coverage:
	@mkdir -p $(BUILD)/cov && find $(BUILD)/cov -name '*.gcda' -delete
	@$(MAKE) --no-print-directory -k FLAVOUR=cov unit
	@sh tests/unit/coverage.sh $(BUILD)/cov
