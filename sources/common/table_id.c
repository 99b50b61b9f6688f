#include "sources/common/table_id.h"

#include <stdlib.h>

#include "base/buf.h"

/* The next part, up to a dot outside of quotes; a doubled quote stands for one. */
static char *next_part(struct kc_text *rest)
{
    KC_AUTO_BUF part = KC_BUF(0);
    char quote = 0;
    size_t i = 0;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (quote && c == quote) {
            if (i + 1 < rest->len && rest->ptr[i + 1] == quote)
                kc_buf_char(&part, rest->ptr[i++]);
            else
                quote = 0;
        } else if (!quote && !part.len && strchr("\"'`", c)) {
            quote = c;
        } else if (!quote && c == '.') {
            break;
        } else {
            kc_buf_char(&part, c);
        }
    }
    i += i < rest->len;
    *rest = (struct kc_text){rest->ptr + i, rest->len - i};
    return kc_buf_take(&part);
}

bool table_id_parse(struct kc_text text, struct table_id *id)
{
    char *parts[3] = {0};
    size_t count = 0;
    struct kc_text rest = kc_text_trim(text);
    *id = (struct table_id){0};
    KC_AUTO_BUF joined = KC_BUF(0);
    while (rest.len && count < KC_COUNT(parts)) {
        parts[count] = next_part(&rest);
        if (count)
            kc_buf_char(&joined, '.');
        kc_buf_str(&joined, parts[count++]);
    }
    if (!count)
        return false;
    id->name = parts[count - 1];
    id->schema = count > 1 ? parts[count - 2] : NULL;
    id->catalog = count > 2 ? parts[0] : NULL;
    id->text = kc_buf_take(&joined);
    return true;
}

void table_id_clear(struct table_id *id)
{
    free(id->catalog);
    free(id->schema);
    free(id->name);
    free(id->text);
    *id = (struct table_id){0};
}
