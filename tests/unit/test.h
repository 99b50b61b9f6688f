/* What every unit test needs: cmocka, and checks of our own types. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"

/* err must be NULL; shows its chain if it isn't. */
#define assert_ok(err) test_ok((err), __FILE__, __LINE__)
/* err must be of that class and show that line; it is freed. */
#define assert_error(err, fault_, line) test_error((err), (fault_), (line), __FILE__, __LINE__)
/* The buffer's text must be that; it is emptied. */
#define assert_buf(buf, text) test_buf((buf), (text), __FILE__, __LINE__)

static inline void test_ok(struct kc_error *err, const char *file, int line)
{
    if (!err)
        return;
    char *text = kc_error_line(err);
    print_error("unexpected error: %s\n", text);
    free(text);
    kc_error_free(err);
    _fail(file, line);
}

static inline void test_error(struct kc_error *err, enum kc_fault fault, const char *text,
                              const char *file, int line)
{
    if (!err) {
        print_error("no error where there should be: %s\n", text);
        _fail(file, line);
        return;
    }
    char *shown = kc_error_line(err);
    enum kc_fault was = err->fault;
    kc_error_free(err);
    _assert_string_equal(shown, text, file, line);
    free(shown);
    _assert_int_equal(was, fault, file, line);
}

static inline void test_buf(struct kc_buf *buf, const char *text, const char *file, int line)
{
    _assert_string_equal(buf->data ? buf->data : "", text, file, line);
    kc_buf_reset(buf);
}

#endif
