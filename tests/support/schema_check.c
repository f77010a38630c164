#include "tests/support/schema_check.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
        fail_msg("no regular expression: %s", pattern);
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* YAML's core schema, for the few types a scenario has. */
static const char *type_of(const json_t *value)
{
    if (json_is_object(value))
        return "object";
    if (json_is_array(value))
        return "array";
    if (json_is_number(value))
        return json_is_integer(value) ? "integer" : "number";
    if (json_is_boolean(value))
        return "boolean";
    const char *text = json_string_value(value);
    if (matches("^-?[0-9]+$", text))
        return "integer";
    if (matches("^(true|false)$", text))
        return "boolean";
    return "string";
}

static bool is_type(const json_t *wanted, const json_t *value)
{
    if (json_is_array(wanted)) {
        for (size_t i = 0; i < json_array_size(wanted); i++)
            if (is_type(json_array_get(wanted, i), value))
                return true;
        return false;
    }
    const char *type = json_string_value(wanted), *is = type_of(value);
    return strcmp(type, is) == 0 || (strcmp(type, "number") == 0 && strcmp(is, "integer") == 0);
}

static size_t count_accepting(const json_t *schemas, const json_t *value)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(schemas); i++)
        count += schema_accepts(json_array_get(schemas, i), value);
    return count;
}

static bool has_all(const json_t *names, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (!json_object_get(value, json_string_value(json_array_get(names, i))))
            return false;
    return true;
}

static bool is_listed(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), value))
            return true;
    return false;
}

static bool are_unique(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_array_get(list, i), json_array_get(list, j)))
                return false;
    return true;
}

/* properties, patternProperties and additionalProperties together. */
static bool members_accepted(const json_t *schema, json_t *value)
{
    const char *key, *pattern;
    json_t *member, *one;
    json_object_foreach(value, key, member)
    {
        bool known = false;
        json_t *own = json_object_get(json_object_get(schema, "properties"), key);
        if (own && !schema_accepts(own, member))
            return false;
        known |= own != NULL;
        json_t *patterns = json_object_get(schema, "patternProperties");
        json_object_foreach(patterns, pattern, one)
        {
            if (!matches(pattern, key))
                continue;
            known = true;
            if (!schema_accepts(one, member))
                return false;
        }
        if (!known && json_is_false(json_object_get(schema, "additionalProperties")))
            return false;
    }
    return true;
}

static bool items_accepted(const json_t *items, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!schema_accepts(items, json_array_get(value, i)))
            return false;
    return true;
}

static long long number_of(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
                                 : json_integer_value(value);
}

static bool keyword_accepts(const json_t *schema, const char *word, const json_t *rule,
                            const json_t *value)
{
    size_t members = json_object_size(value), items = json_array_size(value);
    size_t limit = (size_t)json_integer_value(rule);
    if (strcmp(word, "type") == 0)
        return is_type(rule, value);
    if (strcmp(word, "pattern") == 0)
        return !json_is_string(value) ||
               matches(json_string_value(rule), json_string_value(value));
    if (strcmp(word, "enum") == 0)
        return is_listed(rule, value);
    if (strcmp(word, "const") == 0)
        return json_equal(rule, value);
    if (strcmp(word, "minimum") == 0)
        return number_of(value) >= json_integer_value(rule);
    if (strcmp(word, "maximum") == 0)
        return number_of(value) <= json_integer_value(rule);
    if (strcmp(word, "oneOf") == 0)
        return count_accepting(rule, value) == 1;
    if (strcmp(word, "anyOf") == 0)
        return count_accepting(rule, value) >= 1;
    if (strcmp(word, "required") == 0)
        return !json_is_object(value) || has_all(rule, value);
    if (strcmp(word, "minProperties") == 0)
        return !json_is_object(value) || members >= limit;
    if (strcmp(word, "maxProperties") == 0)
        return !json_is_object(value) || members <= limit;
    if (strcmp(word, "minItems") == 0)
        return !json_is_array(value) || items >= limit;
    if (strcmp(word, "maxItems") == 0)
        return !json_is_array(value) || items <= limit;
    if (strcmp(word, "uniqueItems") == 0)
        return are_unique(value);
    if (strcmp(word, "items") == 0)
        return items_accepted(rule, value);
    if (strcmp(word, "properties") == 0 || strcmp(word, "patternProperties") == 0 ||
        strcmp(word, "additionalProperties") == 0)
        return members_accepted(schema, (json_t *)value);
    if (strcmp(word, "description") && strcmp(word, "title") && strcmp(word, "$schema"))
        fail_msg("a keyword this checker does not know: %s", word);
    return true;
}

bool schema_accepts(const json_t *schema, const json_t *value)
{
    const char *word;
    json_t *rule;
    json_object_foreach((json_t *)schema, word,
                        rule) if (!keyword_accepts(schema, word, rule, value)) return false;
    return true;
}
