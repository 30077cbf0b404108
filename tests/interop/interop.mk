# interop: foreign clients and SMSCs. The packages of the clients are installed anew when their list changes.
NODE_MODULES := tests/interop/node_modules/.package-lock.json
$(NODE_MODULES): tests/interop/package-lock.json
	@cd tests/interop && npm ci --no-audit --no-fund && touch node_modules/.package-lock.json
interop: all $(B)/tests/unit/otp/read_numbers $(NODE_MODULES)
	@$(PYTEST) tests/interop
