#include "io/io.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/handle.h"

void io_channel_set_user(struct io_channel *ch, const struct io_handler *handler, void *user)
{
    ch->handler = handler;
    ch->user = user;
}

void *io_channel_user(const struct io_channel *ch)
{
    return ch->user;
}

const char *io_address_format(const struct io_address *a, char *out, size_t size)
{
    char ip[INET6_ADDRSTRLEN] = "";
    switch (a->family) {
    case IO_SIM_HOST:
        snprintf(out, size, "host %d:%u", a->ip[0] << 8 | a->ip[1], a->port);
        break;
    case IO_IPV4:
        inet_ntop(AF_INET, a->ip, ip, sizeof ip);
        snprintf(out, size, "%s:%u", ip, a->port);
        break;
    case IO_IPV6:
        inet_ntop(AF_INET6, a->ip, ip, sizeof ip);
        snprintf(out, size, "[%s]:%u", ip, a->port);
        break;
    }
    return out;
}

/* Digits only: strtoul alone would take " +1" and "-1" as well. */
static bool parse_u16(const char *text, uint16_t *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0')
        return false;
    unsigned long value = strtoul(text, NULL, 10);
    *out = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool parse_host(char *host, struct io_address *out)
{
    static const char sim[] = "host ";
    size_t size = strlen(host);
    uint16_t number;
    if (strncmp(host, sim, strlen(sim)) == 0) {
        out->family = IO_SIM_HOST;
        bool parsed = parse_u16(host + strlen(sim), &number);
        if (parsed) {
            out->ip[0] = (uint8_t)(number >> 8);
            out->ip[1] = (uint8_t)number;
        }
        return parsed;
    }
    if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
        host[size - 1] = '\0';
        out->family = IO_IPV6;
        return inet_pton(AF_INET6, host + 1, out->ip) == 1;
    }
    out->family = IO_IPV4;
    return inet_pton(AF_INET, host, out->ip) == 1;
}

enum err_code io_address_parse(const char *text, struct io_address *out, struct err *err)
{
    char copy[64];
    int size = snprintf(copy, sizeof copy, "%s", text);
    char *colon = strrchr(copy, ':');
    struct io_address found = {0};
    bool parsed = size >= 0 && (size_t)size < sizeof copy && colon;
    if (parsed) {
        *colon = '\0';
        parsed = parse_u16(colon + 1, &found.port) && parse_host(copy, &found);
    }
    if (!parsed)
        return err_set(err, ERR_INVALID,
                       "address '%.60s' is none; write 10.1.0.2:7000, [fd00::2]:7000 or "
                       "host 3:7000",
                       text);
    *out = found;
    return ERR_OK;
}
