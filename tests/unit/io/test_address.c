#include "tests/support/test.h"

#include <string.h>

#include "io/io.h"

static const struct {
    const char *text;
    enum io_family family;
    uint16_t port;
    const char *formatted; /* NULL: refused */
} cases[] = {
    {"10.1.0.2:7000", IO_IPV4, 7000, "10.1.0.2:7000"},
    {"[fd00::2]:7000", IO_IPV6, 7000, "[fd00::2]:7000"},
    {"[::]:0", IO_IPV6, 0, "[::]:0"},
    {"host 3:7000", IO_SIM_HOST, 7000, "host 3:7000"},
    {"host 65535:65535", IO_SIM_HOST, 65535, "host 65535:65535"},
    {"10.1.0.2", IO_IPV4, 0, NULL},
    {"10.1.0.2:", IO_IPV4, 0, NULL},
    {"10.1.0.2:65536", IO_IPV4, 0, NULL},
    {"10.1.0.2:-1", IO_IPV4, 0, NULL},
    {"10.1.0.2: 1", IO_IPV4, 0, NULL},
    {"10.1.0:7000", IO_IPV4, 0, NULL},
    {"fd00::2:7000", IO_IPV6, 0, NULL},
    {"[fd00::2:7000", IO_IPV6, 0, NULL},
    {"host 65536:1", IO_SIM_HOST, 0, NULL},
    {"host :1", IO_SIM_HOST, 0, NULL},
    {"localhost:7000", IO_IPV4, 0, NULL},
    {"", IO_IPV4, 0, NULL},
    {"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd]:7000", IO_IPV6, 0,
     NULL},
};

static void addresses_are_read_as_they_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct io_address a = {.port = 1234};
        struct err err = {0};
        char out[80];
        print_message("  '%s'\n", cases[i].text);
        enum err_code code = io_address_parse(cases[i].text, &a, &err);
        if (!cases[i].formatted) {
            assert_int_equal(code, ERR_INVALID);
            assert_int_equal(a.port, 1234); /* untouched */
            assert_non_null(strstr(err.msg, "write 10.1.0.2:7000"));
            continue;
        }
        assert_int_equal(code, ERR_OK);
        assert_int_equal(a.family, cases[i].family);
        assert_int_equal(a.port, cases[i].port);
        assert_string_equal(io_address_format(&a, out, sizeof out), cases[i].formatted);
    }
}

static void a_simulated_host_is_known_by_number(void **state)
{
    (void)state;
    struct io_address a = io_sim_address(258, 7), b;
    struct err err;
    char out[32];
    assert_int_equal(io_address_parse(io_address_format(&a, out, sizeof out), &b, &err),
                     ERR_OK);
    assert_memory_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_they_are_written),
        cmocka_unit_test(a_simulated_host_is_known_by_number),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
