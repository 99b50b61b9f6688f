# `make bench` measures and writes RESULTS.md; `make bench-java` runs the same against the original.
if WITH_POSTGRES
EXTRA_PROGRAMS += bench/copy_floor
bench_copy_floor_SOURCES = bench/copy_floor.c
bench_copy_floor_CPPFLAGS = $(LIBPQ_CFLAGS)
bench_copy_floor_LDADD = $(LIBPQ_LIBS)
endif
CLEANFILES += $(EXTRA_PROGRAMS)

BENCH = $(srcdir)/bench/bench --copy-floor $(abs_builddir)/bench/copy_floor --sink-floor $(abs_builddir)/bench/sink_floor
bench: all $(EXTRA_PROGRAMS)
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} $(BENCH) $(BENCH_ARGS)
bench-java: $(EXTRA_PROGRAMS)
	$(BENCH) --worker $(srcdir)/bench/java-connect $(BENCH_ARGS) stream snapshot
.PHONY: bench bench-java

# The long forms of the live tests: 50 kills over 200,000 changes, a transaction of ten million rows.
soak: all
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} $(srcdir)/tests/kill/kill --kills 50 --kafka 6 --postgres 8 --changes 200000 --rows 60000 $(SOAK_ARGS)
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} ROWS=10000000 $(srcdir)/tests/live/big_transaction.py
.PHONY: soak
EXTRA_PROGRAMS += bench/produce
bench_produce_SOURCES = bench/produce.c
bench_produce_CFLAGS = $(AM_CFLAGS) $(RDKAFKA_CFLAGS)
bench_produce_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS)
