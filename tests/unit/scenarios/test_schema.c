/* The schema for editors takes what the loader takes. What it refuses, the loader
 * refuses; each bad file says whether the schema can tell ("# schema: refuses"). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "scenarios/scenario.h"
#include "tests/support/files.h"
#include "tests/support/schema_check.h"
#include "tests/support/vocabulary.h"

static void hold_against(const char *folder, void (*compare)(const char *path, bool accepted))
{
    struct vocabulary v = small_vocabulary();
    json_t *schema = scenario_schema(&v);
    struct files files;
    assert_non_null(schema);
    files_list(&files, __FILE__, folder);
    assert_true(files.count > 0);
    for (size_t i = 0; i < files.count; i++) {
        struct document *d;
        struct err err;
        if (document_load(files.paths[i], &d, &err))
            continue; /* no document at all: nothing a schema could say */
        compare(files.paths[i], schema_accepts(schema, document_root(d)));
        document_free(d);
    }
    files_done(&files);
    json_decref(schema);
}

static void is_accepted(const char *path, bool accepted)
{
    print_message("%s\n", path);
    assert_true(accepted);
}

static void is_as_it_says(const char *path, bool accepted)
{
    char said[64];
    files_comment(path, "schema", said, sizeof said);
    print_message("%s: %s\n", path, said);
    assert_string_equal(said, accepted ? "accepts" : "refuses");
}

static void every_good_file_fits_the_schema(void **state)
{
    (void)state;
    hold_against("good", is_accepted);
}

static void the_schema_refuses_what_it_can(void **state)
{
    (void)state;
    hold_against("bad", is_as_it_says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_good_file_fits_the_schema),
        cmocka_unit_test(the_schema_refuses_what_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
