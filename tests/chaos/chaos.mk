# Included by Makefile: instances killed under load, and what became of every message.
# make chaos KILLS=300 SEED=s INSTANCES=3 CHAOS_OPTIONS='--proxy latency=50,jitter=20'
KILLS ?=
SEED ?= 1
INSTANCES ?= 3
DURATION ?= 1200

CHAOS_SO := $(B)/tests/chaos/slow_fsync.so
$(CHAOS_SO): tests/chaos/slow_fsync.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

CHAOS := OTPGWD=$(abspath $(BIN)) SMSC=$(abspath $(SMSC)) SLOW_FSYNC=$(abspath $(CHAOS_SO)) $(PYTHON) -B tests/chaos
CHAOS_MODES := chaos chaos-bursts chaos-steps chaos-redis soak
.PHONY: $(CHAOS_MODES) $(CHAOS_MODES:%=%-run)
$(CHAOS_MODES):
	@$(MAKE) --no-print-directory -j$(JOBS) FLAVOUR=chaos all $@-run

chaos-run: all $(CHAOS_SO)
	@SLOW_FSYNC=$(abspath $(CHAOS_SO)) $(PYTEST) tests/chaos
	@$(CHAOS)/chaos.py --kills $(or $(KILLS),20) --seed $(SEED) --instances $(INSTANCES) $(CHAOS_OPTIONS)
chaos-run: chaos-bursts-run
chaos-bursts-run: all
	@$(CHAOS)/bursts.py --kills $(or $(KILLS),50) --seed $(SEED)
chaos-steps-run: all $(CHAOS_SO)
	@$(CHAOS)/steps.py --kills $(or $(KILLS),50) --seed $(SEED) $(CHAOS_OPTIONS)
chaos-redis-run: all $(CHAOS_SO)
	@$(CHAOS)/redis_faults.py --kills $(or $(KILLS),10) --seed $(SEED) $(CHAOS_OPTIONS)
soak-run: all
	@$(CHAOS)/soak.py $(DURATION) --seed $(SEED) $(CHAOS_OPTIONS)
