# `make bench` measures and writes RESULTS.md; `make bench-java` runs the same against the original.
BENCH_TOOLS =
if WITH_POSTGRES
BENCH_TOOLS += bench/copy_floor bench/sink_floor
bench_copy_floor_SOURCES = bench/copy_floor.c
bench_copy_floor_CPPFLAGS = $(LIBPQ_CFLAGS)
bench_copy_floor_LDADD = $(LIBPQ_LIBS)
bench_sink_floor_SOURCES = bench/sink_floor.c
bench_sink_floor_CPPFLAGS = $(LIBPQ_CFLAGS)
bench_sink_floor_LDADD = $(LIBPQ_LIBS)
EXTRA_PROGRAMS += bench/source_rate
bench_source_rate_SOURCES = bench/source_rate.c
bench_source_rate_LDADD = libpostgres_source.a libsources.a libplugin.a libconfig.a $(BOTTOM_LIBS) $(LIBPQ_LIBS) $(BASE_LIBS)
EXTRA_PROGRAMS += bench/sink_put
bench_sink_put_SOURCES = bench/sink_put.c
bench_sink_put_LDADD = libsinks.a libplugin.a libconfig.a $(BOTTOM_LIBS) $(LIBPQ_LIBS) $(BASE_LIBS)
endif
EXTRA_PROGRAMS += $(BENCH_TOOLS)
EXTRA_PROGRAMS += bench/converters
bench_converters_SOURCES = bench/converters.c
bench_converters_LDADD = libschemas.a $(BOTTOM_LIBS) $(BASE_LIBS)
bench-converters: bench/converters
	bench/converters
CLEANFILES += $(EXTRA_PROGRAMS)

BENCH = $(srcdir)/bench/bench --copy-floor $(abs_builddir)/bench/copy_floor --sink-floor $(abs_builddir)/bench/sink_floor
bench: all $(BENCH_TOOLS)
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} $(BENCH) $(BENCH_ARGS)
bench-java: $(BENCH_TOOLS)
	$(BENCH) --worker $(srcdir)/bench/java-connect $(BENCH_ARGS) stream snapshot
.PHONY: bench bench-converters bench-java

# The long forms of the live tests: 50 kills over 200,000 changes, a transaction of ten million rows, 1000 random databases.
soak: all
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} $(srcdir)/tests/kill/kill --kills 50 --kafka 6 --postgres 8 --changes 200000 --rows 60000 $(SOAK_ARGS)
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} ROWS=10000000 $(srcdir)/tests/live/big_transaction.py
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} ROUNDS=1000 $(srcdir)/tests/live/random_pg.py
# The same as Kafka Connect with the original connector, in the same run.
conformance: all
	PENSTOCK=$${PENSTOCK:-$(abs_builddir)/penstock} ROUNDS=30 $(srcdir)/tests/live/random_java.py
.PHONY: soak conformance
EXTRA_PROGRAMS += bench/produce
bench_produce_SOURCES = bench/produce.c
bench_produce_CFLAGS = $(AM_CFLAGS) $(RDKAFKA_CFLAGS)
bench_produce_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS)
