# numbering: writes the numbering plans anew; the version of libphonenumber-js is that of tests/interop.
.PHONY: numbering
numbering:
	@cd tests/interop && npm ci --no-audit --no-fund
	@node conf/numbering/generate.mjs tests/interop/node_modules/libphonenumber-js
