# Unit tests: each folder's fragment adds its programs to UNIT_TESTS, inside `if HAVE_CMOCKA`:
#
#     UNIT_TESTS += tests/unit/base/test_arena
#     tests_unit_base_test_arena_SOURCES = tests/unit/base/test_arena.c tests/unit/test.h
#     tests_unit_base_test_arena_LDADD = libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
#
# They run by `make check-unit`, from the build folder; what they read is found by $srcdir.
include tests/fuzz/local.mk
include tests/unit/base/local.mk
include tests/unit/data/local.mk
include tests/unit/config/local.mk
include tests/unit/plugin/local.mk
include tests/unit/kafka/local.mk
include tests/unit/store/local.mk
include tests/unit/flow/local.mk
include tests/unit/worker/local.mk
include tests/unit/herder/local.mk
include tests/unit/rest/local.mk
include tests/unit/cli/local.mk
include tests/unit/transforms/local.mk
include tests/unit/schemas/local.mk
include tests/unit/sources/local.mk
include tests/unit/sinks/local.mk
include tests/live/local.mk
include tests/replay/local.mk
