noinst_LIBRARIES += libflow.a
libflow_a_SOURCES = \
	src/flow/acks.c src/flow/acks.h \
	src/flow/chain.c src/flow/chain.h \
	src/flow/clients.c src/flow/clients.h \
	src/flow/connector_config.c src/flow/connector_config.h \
	src/flow/connector_options.c \
	src/flow/convert.c src/flow/convert.h \
	src/flow/dead_letter.c src/flow/dead_letter.h \
	src/flow/flow.c src/flow/flow.h \
	src/flow/instance.c src/flow/instance.h \
	src/flow/metrics.c src/flow/metrics.h \
	src/flow/progress.c src/flow/progress.h \
	src/flow/signals.c src/flow/signals.h \
	src/flow/sink_task.c src/flow/sink_task.h \
	src/flow/source_task.c src/flow/source_task.h \
	src/flow/task_report.c src/flow/task_report.h \
	src/flow/tolerance.c src/flow/tolerance.h \
	src/flow/topic_creation.c src/flow/topic_creation.h \
	src/flow/worker_config.c src/flow/worker_config.h
