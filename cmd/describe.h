/*
 * Keys, people and grants in the words that list, explain and diff print.
 * What comes from the portal is not cleaned here but where it is printed.
 * Pure.
 */
#ifndef CMD_DESCRIBE_H
#define CMD_DESCRIBE_H

#include <jansson.h>
#include <stddef.h>

#include "cmd/grants.h"
#include "policy/people.h"

#define DESCRIBE_SIZE (2 * LIMIT_TEXT)

/* All are cut to fit and return dst. */

/* A record's owner as written there, or by the e-mail of the member. */
char *describe_owner(
    const struct people *p, const char *owner, char *dst, size_t size);
/* Each label, and each owner, of a key's records once, with ", " between. */
char *describe_labels(const struct merged_key *key, char *dst, size_t size);
char *describe_owners(const struct people *p, const struct merged_key *key,
    char *dst, size_t size);
/* "ssh-ed25519"; "?" for a blob that this version doesn't take. */
const char *describe_type(const struct keyrec *rec);

/* As JSON, for the caller to own; NULL: no memory. */

/* Adds value, whose reference it takes, to a list; where either is NULL there
 * is no list then. */
json_t *describe_append(json_t *list, json_t *value);
/* A text of any length, cleaned. */
json_t *describe_json(const char *text);
/* "account", "name-in-any-case" or "every". */
const char *describe_scope(enum grant_scope s);
/* The groups that a grant asks for, each once. */
json_t *describe_groups_json(const struct grant *g);
/* "file users.root" for each rule that let it in. */
json_t *describe_rules_json(const struct grants *g, const struct granted *v);

#endif
