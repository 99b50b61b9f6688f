noinst_LIBRARIES += libschemas.a
libschemas_a_SOURCES = \
	schemas/avro_any.c \
	schemas/avro_binary.c \
	schemas/avro_check.c schemas/avro_check.h \
	schemas/avro_codec.c schemas/avro_codec.h \
	schemas/avro_container.c \
	schemas/avro_data.c schemas/avro_data.h \
	schemas/avro_default.c schemas/avro_default.h \
	schemas/avro_equal.c schemas/avro_equal.h \
	schemas/avro_from_connect.c schemas/avro_from_connect.h \
	schemas/avro_json.c schemas/avro_json.h \
	schemas/avro_parse.c schemas/avro_parse.h \
	schemas/avro_plan.h \
	schemas/avro_print.c schemas/avro_print.h \
	schemas/avro_scalar.c \
	schemas/avro_schema.c schemas/avro_schema.h \
	schemas/avro_to_connect.c schemas/avro_to_connect.h \
	schemas/bytes.c \
	schemas/charset.c schemas/charset.h \
	schemas/json.c \
	schemas/json_decode.c schemas/json_decode.h \
	schemas/json_encode.c schemas/json_encode.h \
	schemas/json_number.c \
	schemas/json_read.c schemas/json_read.h \
	schemas/json_schema.c schemas/json_schema.h \
	schemas/json_write.c schemas/json_write.h \
	schemas/number.c \
	schemas/simple_header.c \
	schemas/string.c
PLUGIN_LIBS += libschemas.a
