noinst_LIBRARIES += libworker.a
libworker_a_SOURCES = \
	src/worker/task.c src/worker/task.h
